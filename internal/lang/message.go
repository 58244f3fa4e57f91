package lang

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// pattern is a text with placeholders, to recognise it when they are filled.
type pattern struct {
	key     string
	literal []string // the text around the placeholders
	order   []int    // of the placeholders, from 1
}

func patternOf(key, text string) pattern {
	p := pattern{key: key}
	next := 0
	for {
		before, n, after := cutPlaceholder(text)
		p.literal = append(p.literal, before)
		if n < 0 {
			return p
		}
		if n == 0 {
			next++
			n = next
		}
		p.order, text = append(p.order, n), after
	}
}

// length returns how much of a text a pattern says itself.
func (p pattern) length() (n int) {
	for _, s := range p.literal {
		n += len(s)
	}
	return n
}

// patternsOf returns the patterns of the texts, the most specific first.
func patternsOf(texts map[string]entry) (found []pattern) {
	for key, e := range texts {
		if strings.Contains(key, "\x04") {
			continue
		}
		for _, text := range []string{e.id, e.plural} {
			if p := patternOf(key, text); len(p.order) > 0 && p.length() >= 8 {
				found = append(found, p)
			}
		}
	}
	slices.SortFunc(found, func(a, b pattern) int {
		return cmp.Or(cmp.Compare(b.length(), a.length()), cmp.Compare(a.key, b.key))
	})
	return found
}

// match returns the arguments of a text that follows the pattern.
func (p pattern) match(text string) (args []any, ok bool) {
	rest, ok := strings.CutPrefix(text, p.literal[0])
	if !ok {
		return nil, false
	}
	args = make([]any, slices.Max(p.order))
	last := len(p.order) - 1
	for i, n := range p.order {
		var value, after string
		if next := p.literal[i+1]; i == last {
			value, ok = strings.CutSuffix(rest, next)
		} else {
			value, after, ok = strings.Cut(rest, next)
		}
		if !ok || value == "" {
			return nil, false
		}
		args[n-1], rest = value, after
	}
	return args, true
}

// Message returns a message of the domain in the language. Messages are sentences
// with their values already in them, because the API answers with the same ones;
// those with values are recognised by their text.
func (l *Language) Message(text string) string {
	if l.isEnglish() || text == "" {
		return text
	}
	if e, ok := l.texts[text]; ok && e.plural == "" {
		return e.forms[0]
	}
	for _, p := range l.patterns {
		args, ok := p.match(text)
		if !ok {
			continue
		}
		e := l.texts[p.key]
		if e.plural == "" {
			return l.fill(e.forms[0], args)
		}
		if n, ok := countOf(args[0]); ok {
			args[0] = n
			return l.fill(e.forms[l.formOf(n)], args)
		}
	}
	return text
}

// countOf returns the number that an English text shows as 1,234.
func countOf(arg any) (int64, bool) {
	text, ok := arg.(string)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(text, ",", ""), 10, 64)
	return n, err == nil
}
