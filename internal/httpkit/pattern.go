package httpkit

import (
	"net/http"
	"strings"
)

// pattern is a path with variables.
type pattern struct {
	path    string // the argument of Handle
	handler http.Handler
	parts   []part
}

// part is a literal, or a variable when accept or rest is set.
type part struct {
	literal string
	name    string
	accept  func(byte) bool
	rest    bool
}

type pathValue struct{ name, text string }

// maxVariables is how many variables a pattern may have.
const maxVariables = 4

// pathValues has the values of the variables, without an allocation.
type pathValues struct {
	list [maxVariables]pathValue
	n    int
}

func newPattern(path string, h http.Handler) pattern {
	p := pattern{path: path, handler: h}
	for path != "" {
		literal, after, found := strings.Cut(path, "{")
		if literal != "" {
			p.parts = append(p.parts, part{literal: literal})
		}
		if !found {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		p.parts = append(p.parts, variable(name))
		path = tail
	}
	return p
}

func variable(name string) part {
	if bare, ok := strings.CutSuffix(name, "..."); ok {
		return part{name: bare, rest: true}
	}
	if bare, ok := strings.CutSuffix(name, "."); ok {
		return part{name: bare, accept: isFormatByte}
	}
	return part{name: name, accept: isSegmentByte}
}

func isFormatByte(c byte) bool  { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }
func isSegmentByte(c byte) bool { return c != '/' && c != '.' }

func (p *pattern) match(path string) (values pathValues, ok bool) {
	for i := range p.parts {
		part := &p.parts[i]
		n := part.length(path)
		if n < 0 {
			return values, false
		}
		if part.literal == "" {
			values.list[values.n] = pathValue{part.name, path[:n]}
			values.n++
		}
		path = path[n:]
	}
	return values, path == ""
}

// length returns how many bytes of the path the part matches, -1 for no match.
func (p part) length(path string) int {
	switch {
	case p.rest:
		return len(path)
	case p.accept == nil:
		if strings.HasPrefix(path, p.literal) {
			return len(p.literal)
		}
		return -1
	}
	n := 0
	for n < len(path) && p.accept(path[n]) {
		n++
	}
	if n == 0 {
		return -1
	}
	return n
}
