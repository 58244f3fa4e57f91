package drf

import (
	"net/http"
	"strings"

	"roster/internal/fault"
	"roster/internal/httpkit"
)

// Rendering is how an answer is to be written. The zero value is compact JSON.
type Rendering struct {
	HTML   bool // the browsable page instead of JSON
	Indent int  // spaces a level, 1 to 8; 0 when none were asked for
}

// ErrNotAcceptable says that no rendering satisfies the Accept header; compare
// with errors.Is.
var ErrNotAcceptable error = &httpkit.StatusError{Status: http.StatusNotAcceptable, Message: "Could not satisfy the request Accept header."}

const maxIndent = 8

// Negotiate chooses a rendering as DRF's DefaultContentNegotiation does among
// JSON (format "json") and the browsable page (format "api"), in that order.
// accept holds the Accept header's values; with none anything will do. format
// is the suffix or the format parameter, "" for none: it narrows the choice,
// and an unknown one is a fault.NotFound. The more specific part of the header
// counts first, then the server's order; q-values are ignored. When nothing
// fits, the error is ErrNotAcceptable.
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

// indentOf returns the media type's indent parameter, brought into bounds.
func indentOf(m MediaType) int {
	text, _ := m.Param("indent")
	n, ok, overflow := ParseInt(text)
	if !ok && !overflow {
		return 0
	}
	return int(max(min(n, maxIndent), 0))
}
