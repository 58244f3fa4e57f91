package filter

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"
)

// kind is the kind of a token.
type kind int

const (
	end kind = iota
	word
	text
	number
	bracket
)

// token is a part of an expression.
type token struct {
	kind kind
	text string // of a text: its value
	at   int    // position of its first code point, from 1
}

// is reports whether the token is this word, in upper or lower case.
func (t token) is(name string) bool { return t.kind == word && strings.EqualFold(t.text, name) }

var (
	spaces = regexp.MustCompile(`^[ \t\r\n]+`)
	shapes = []struct {
		kind  kind
		shape *regexp.Regexp
	}{
		{word, regexp.MustCompile(`^[A-Za-z_$][\w$.:\[\]-]*`)},
		{number, regexp.MustCompile(`^-?\d[\w.+-]*`)},
		{bracket, regexp.MustCompile(`^[()]`)},
		{text, regexp.MustCompile(`^"(?:[^"\\]|\\.)*"`)},
	}
)

// lexer splits an expression into tokens.
type lexer struct {
	rest string
	at   int // position of rest
}

// next returns the next token.
func (l *lexer) next() (token, error) {
	l.skip(len(spaces.FindString(l.rest)))
	if l.rest == "" {
		return token{at: l.at}, nil
	}
	for _, s := range shapes {
		found := s.shape.FindString(l.rest)
		if found == "" {
			continue
		}
		t := token{s.kind, found, l.at}
		if t.kind == text {
			if err := json.Unmarshal([]byte(found), &t.text); err != nil {
				return t, errorAt(t.at, "The text %s is not a JSON string.", shortened(found))
			}
		}
		l.skip(len(found))
		return t, nil
	}
	if l.rest[0] == '"' {
		return token{}, errorAt(l.at, "The text has no closing quotation mark.")
	}
	first, _ := utf8.DecodeRuneInString(l.rest)
	return token{}, errorAt(l.at, "Unexpected %q.", first)
}

func (l *lexer) skip(bytes int) {
	l.at += utf8.RuneCountInString(l.rest[:bytes])
	l.rest = l.rest[bytes:]
}

// shortened returns a part of an expression for a message.
func shortened(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
