package e2e_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// mostMore is the memory in MiB that clients may cost a server with request bodies.
func mostMore() int { return 128 * raced() }

// bombs are bodies of about 8 MB that cost a decoder a lot.
func bombs() map[string]struct{ contentType, body string } {
	const length = 7_900_000
	const json, form = "application/json", "application/x-www-form-urlencoded"
	var names strings.Builder
	for i := range 700_000 {
		fmt.Fprintf(&names, `"%d":1,`, i)
	}
	return map[string]struct{ contentType, body string }{
		"names":    {json, "{" + names.String() + `"a":1}`},
		"depth":    {json, strings.Repeat("[", length)},
		"escapes":  {json, `{"username":"` + strings.Repeat(`\n`, length/2) + `"}`},
		"digits":   {json, `{"username":` + strings.Repeat("9", length) + `}`},
		"elements": {json, `{"username":[` + strings.Repeat("1,", length/2) + `1]}`},
		"latin-1":  {json + "; charset=latin-1", `{"username":"` + strings.Repeat("\xe9", length) + `"}`},
		"percents": {form, "username=" + strings.Repeat("%41", length/3)},
		"fields":   {form, strings.Repeat("a=1&", length/4)},
		"parts":    {"multipart/form-data; boundary=b", strings.Repeat("--b\r\n", length/5)},
		"value":    {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\n" + strings.Repeat("x", length)},
	}
}

// TestMemory_Bombs: bodies that are hard to decode, from eight clients at once, are
// answered, and cost little memory.
func TestMemory_Bombs(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	s.call(http.MethodGet, "/api/users/", "")
	before := s.memory()
	for name, bomb := range bombs() {
		var group sync.WaitGroup
		for client := range 8 {
			group.Go(func() {
				request := post("Content-Length: "+strconv.Itoa(len(bomb.body))+"\r\n", bomb.body)
				request = strings.Replace(request, "Content-Type: application/json", "Content-Type: "+bomb.contentType, 1)
				if got := sendFrom(t, s, client+1, request); got != http.StatusBadRequest && got != http.StatusServiceUnavailable {
					t.Errorf("%s: got %d, want 400, or 503 beyond the limit", name, got)
				}
			})
		}
		group.Wait()
	}
	s.checkMemory(before)
	s.create("after")
}

var tokenField = regexp.MustCompile(`name="csrfmiddlewaretoken" value="([^"]+)"`)

// TestMemory_WithheldForms: forms for the login that are far too long and never end
// are refused before they take memory.
func TestMemory_WithheldForms(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	page := exchangeRaw(t, s, get("/admin/login/"))
	token := tokenField.FindStringSubmatch(page.body)
	if token == nil {
		t.Fatalf("no token in %.200s", page.body)
	}
	cookie, _, _ := strings.Cut(page.header.Get("Set-Cookie"), ";")
	start := "csrfmiddlewaretoken=" + token[1] + "&username="
	request := "POST /admin/login/ HTTP/1.1\r\nHost: a\r\nCookie: " + cookie + "\r\nContent-Type: application/x-www-form-urlencoded\r\n" +
		"Content-Length: 8388608\r\n\r\n" + start + strings.Repeat("a", 8<<20-len(start)-1)
	before := s.memory()
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if got := sendFrom(t, s, 1, request); got != http.StatusRequestEntityTooLarge {
				t.Errorf("got %d, want 413", got)
			}
		})
	}
	group.Wait()
	s.checkMemory(before)
}

// sendFrom sends a request from an address of this machine and returns the status.
func sendFrom(t *testing.T, s *server, client int, request string) int {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(client))}}
	conn, err := dialer.DialContext(t.Context(), "tcp", s.address())
	if err != nil {
		t.Error(err)
		return 0
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Errorf("the server does not take the request: %v", err)
	}
	var line [12]byte
	if _, err := io.ReadFull(conn, line[:]); err != nil {
		t.Errorf("no answer: %v", err)
	}
	status, _ := strconv.Atoi(string(line[9:]))
	return status
}

// memory is the most memory that the process has had in MiB; see VmHWM in proc(5).
func (s *server) memory() int {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		s.t.Fatal(err)
	}
	return kilobytes >> 10
}

func (s *server) checkMemory(before int) {
	s.t.Helper()
	after := s.memory()
	s.t.Logf("from %d to %d MiB", before, after)
	if after-before > mostMore() {
		s.t.Errorf("got %d MiB more, want %d at most", after-before, mostMore())
	}
}
