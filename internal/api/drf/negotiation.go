package drf

import (
	"net/http"
	"strings"

	"roster/internal/fault"
	"roster/internal/httpkit"
)

// Rendering is the representation of a response. The zero value is compact JSON.
type Rendering struct {
	HTML   bool // the browsable page instead of JSON
	Indent int  // spaces per level, 1 to 8; 0 for compact JSON
}

// ErrNotAcceptable says that no rendering satisfies the Accept header; compare
// with errors.Is.
var ErrNotAcceptable error = &httpkit.StatusError{Status: http.StatusNotAcceptable, Message: "Could not satisfy the request Accept header."}

const maxIndent = 8

// Negotiate chooses between JSON (format "json") and the browsable page (format
// "api"), in that order, as DRF's DefaultContentNegotiation does. accept has the
// values of the Accept header; without one any format is acceptable. format is the
// suffix or the format parameter, "" for none; it restricts the choice, and an
// unknown one is fault.NotFound. The most specific part of the header takes
// precedence, then the order of the server; q-values are ignored. If nothing matches,
// the error is ErrNotAcceptable.
func Negotiate(accept []string, format string) (Rendering, error) {
	json, html := format != "api", format != "json"
	if json && html && format != "" {
		return Rendering{}, fault.New(fault.NotFound, "Not found.")
	}
	header := "*/*"
	if len(accept) > 0 {
		header = accept[0]
	}
	if len(accept) > 1 {
		header = strings.Join(accept, ",")
	}
	if json && (header == "*/*" || header == "application/json") {
		return Rendering{}, nil
	}
	return choose(header, json, html)
}

func choose(header string, json, html bool) (Rendering, error) {
	best, rank := Rendering{}, -1
	for token := range strings.SplitSeq(header, ",") {
		m := ParseMediaType(token)
		asJSON := json && m.Matches("application", "json")
		asHTML := html && m.Matches("text", "html")
		if !asJSON && !asHTML {
			continue
		}
		r := 2 * m.precedence()
		if asJSON {
			r++
		}
		if r > rank {
			best, rank = Rendering{HTML: !asJSON, Indent: indentOf(m)}, r
		}
	}
	if rank < 0 {
		return Rendering{}, ErrNotAcceptable
	}
	return best, nil
}

// indentOf returns the indent parameter of a media type within its bounds.
func indentOf(m MediaType) int {
	text, _ := m.Param("indent")
	n, ok, overflow := ParseInt(text)
	if !ok && !overflow {
		return 0
	}
	return int(max(min(n, maxIndent), 0))
}
