package e2e_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// exchange is one case of testdata/cases.jsonl: a request to the reference
// system, and its answer where it is judged.
type exchange struct {
	Name      string             `json:"name"`
	Method    string             `json:"method"`
	Path      string             `json:"path"`
	Headers   map[string]*string `json:"headers"`
	Body      *string            `json:"body"`
	BodyB64   *string            `json:"body_b64"`
	BodyParts [][2]any           `json:"body_parts"` // text, times
	Defect    bool               `json:"defect"`     // the reference answers 500; any 4xx agrees
	Expect    *struct {
		Status   int                `json:"status"`
		Headers  map[string]*string `json:"headers"`
		BodyKind string             `json:"body_kind"`
		Body     string             `json:"body"`
	} `json:"expect"`
}

// received is what Roster answered.
type received struct {
	status int
	header http.Header
	body   string
}

// TestReplay sends what was observed on the reference system, in order, to a
// server with an empty database, and compares the answers byte for byte but
// for the times.
func TestReplay(t *testing.T) {
	t.Parallel()
	onBoth(t, replay)
}

func replay(t *testing.T, settings []string) {
	t.Helper()
	s := startServer(t, t.TempDir(), append(settings, "API_PERMISSION=AllowAny", "ALLOWED_HOSTS=*", "CORS_ALLOW_ALL_ORIGINS=true")...)
	address := strings.TrimPrefix(s.url, "http://")
	judged, clock := 0, rowClock{}
	for _, c := range readCases(t) {
		got := send(t, address, c)
		if fault := clock.look(c.Method, got); fault != "" {
			t.Errorf("%s: %s", c.Name, fault)
		}
		if c.Expect == nil {
			continue
		}
		judged++
		if fault := c.judge(got); fault != "" {
			t.Errorf("%s [%s %.60s]: %s", c.Name, c.Method, c.Path, fault)
		}
	}
	if judged < 500 {
		t.Errorf("judged %d cases, want all of them", judged)
	}
}

func readCases(t *testing.T) []exchange {
	t.Helper()
	text, err := os.ReadFile("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var cases []exchange
	for line := range strings.Lines(string(text)) {
		var c exchange
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatalf("%v in %.80s", err, line)
		}
		cases = append(cases, c)
	}
	return cases
}

func (c exchange) body() (string, bool) {
	switch {
	case c.BodyB64 != nil:
		raw, err := base64.StdEncoding.DecodeString(*c.BodyB64)
		return string(raw), err == nil
	case c.BodyParts != nil:
		var b strings.Builder
		for _, part := range c.BodyParts {
			text, _ := part[0].(string)
			times, _ := part[1].(float64)
			b.WriteString(strings.Repeat(text, int(times)))
		}
		return b.String(), true
	case c.Body != nil:
		return *c.Body, true
	}
	return "", false
}

// head writes the request line and headers as the case has them, which
// net/http's client would not for all of them.
func (c exchange) head(body string, hasBody bool) string {
	headers := map[string]*string{"Host": new("peer.test"), "Connection": new("close")}
	if hasBody {
		headers["Content-Length"] = new(strconv.Itoa(len(body)))
	}
	maps.Copy(headers, c.Headers)
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", c.Method, c.Path)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if value := headers[name]; value != nil {
			fmt.Fprintf(&b, "%s: %s\r\n", name, *value)
		}
	}
	return b.String() + "\r\n"
}

func send(t *testing.T, address string, c exchange) received {
	t.Helper()
	conn, err := (&net.Dialer{Timeout: patience}).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	body, hasBody := c.body()
	go func() { _, _ = io.WriteString(conn, c.head(body, hasBody)+body) }() // may be answered before it is all sent
	answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: c.Method})
	if err != nil {
		t.Fatalf("%s: no answer: %v", c.Name, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s: half an answer: %v", c.Name, err)
	}
	return received{answer.StatusCode, answer.Header, string(text)}
}

var stamps = regexp.MustCompile(`("(?:created_at|updated_at)": ?")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z"`)

// judge returns where the answer differs, "" when it agrees.
func (c exchange) judge(got received) string {
	if c.Defect {
		if got.status < 400 || got.status > 500 {
			return fmt.Sprintf("status %d, want 4xx", got.status)
		}
		return ""
	}
	if got.status != c.Expect.Status {
		return fmt.Sprintf("status %d, want %d: %.200s", got.status, c.Expect.Status, got.body)
	}
	for _, name := range []string{"Content-Type", "Allow", "Location"} {
		if fault := judgeHeader(name, c.Expect.Headers[name], got.header); fault != "" {
			return fault
		}
	}
	for name, want := range c.Expect.Headers {
		if fault := judgeHeader(name, want, got.header); fault != "" {
			return fault
		}
	}
	body := stamps.ReplaceAllString(got.body, `$1<ts>"`)
	if c.Expect.BodyKind != "any" && body != c.Expect.Body {
		return fmt.Sprintf("body\n  %.300s, want\n  %.300s", body, c.Expect.Body)
	}
	return ""
}

func judgeHeader(name string, want *string, header http.Header) string {
	got, present := header[http.CanonicalHeaderKey(name)]
	switch {
	case want == nil && present:
		return fmt.Sprintf("%s %q, want none", name, got)
	case want != nil && !present:
		return fmt.Sprintf("no %s, want %q", name, *want)
	case want != nil && got[0] != *want:
		return fmt.Sprintf("%s %q, want %q", name, got[0], *want)
	}
	return ""
}

// rowClock remembers the times of every row seen: created_at never changes,
// updated_at grows with every successful PUT and PATCH and never otherwise.
type rowClock map[int64][2]string

func (rc rowClock) look(method string, got received) string {
	if got.status < 200 || got.status > 299 || !strings.HasPrefix(got.header.Get("Content-Type"), "application/json") {
		return ""
	}
	var page struct {
		Results []json.RawMessage `json:"results"`
	}
	if json.Unmarshal([]byte(got.body), &page) == nil && page.Results != nil {
		for _, row := range page.Results {
			if fault := rc.see(method, row); fault != "" {
				return fault
			}
		}
		return ""
	}
	return rc.see(method, json.RawMessage(got.body))
}

func (rc rowClock) see(method string, raw json.RawMessage) string {
	var row struct {
		ID      int64  `json:"id"`
		Created string `json:"created_at"`
		Updated string `json:"updated_at"`
	}
	if json.Unmarshal(raw, &row) != nil || row.Created == "" {
		return ""
	}
	known, seen := rc[row.ID]
	rc[row.ID] = [2]string{row.Created, row.Updated}
	changes := method == http.MethodPut || method == http.MethodPatch
	switch {
	case row.Updated < row.Created:
		return fmt.Sprintf("updated_at %s is before created_at %s", row.Updated, row.Created)
	case seen && known[0] != row.Created:
		return fmt.Sprintf("created_at of %d moved from %s to %s", row.ID, known[0], row.Created)
	case seen && changes && row.Updated <= known[1]:
		return fmt.Sprintf("updated_at of %d did not grow: %s to %s", row.ID, known[1], row.Updated)
	case seen && !changes && row.Updated != known[1]:
		return fmt.Sprintf("updated_at of %d moved by %s: %s to %s", row.ID, method, known[1], row.Updated)
	}
	return ""
}
