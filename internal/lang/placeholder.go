package lang

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// cutPlaceholder slices a text around its first placeholder: %s, for which p is 0,
// or %[p]s; p is -1 for a text without one.
func cutPlaceholder(text string) (before string, p int, after string) {
	for from := 0; ; {
		i := strings.IndexByte(text[from:], '%')
		if i < 0 {
			return text, -1, ""
		}
		at := from + i
		rest := text[at+1:]
		switch {
		case strings.HasPrefix(rest, "s"):
			return text[:at], 0, rest[1:]
		case len(rest) >= 4 && rest[0] == '[' && rest[1] >= '1' && rest[1] <= '9' && rest[2] == ']' && rest[3] == 's':
			return text[:at], int(rest[1] - '0'), rest[4:]
		}
		from = at + 1
	}
}

// placeholders returns which arguments a text uses, in order, each once.
func placeholders(text string) (used []int) {
	next := 0
	for {
		_, p, after := cutPlaceholder(text)
		if p < 0 {
			slices.Sort(used)
			return slices.Compact(used)
		}
		if p == 0 {
			next++
			p = next
		}
		used, text = append(used, p), after
	}
}

var tag = regexp.MustCompile(`</?[A-Za-z][^>]*>`)

// tags returns the tags of a text, sorted.
func tags(text string) []string {
	found := tag.FindAllString(text, -1)
	slices.Sort(found)
	return found
}

// checkEntry reports a translation with other placeholders or tags than its text.
// A form of a plural may leave out the number.
func checkEntry(e entry) error {
	source := e.id
	if e.plural != "" {
		source = e.plural
	}
	want := placeholders(source)
	for _, form := range e.forms {
		if form == "" {
			continue
		}
		got := placeholders(form)
		if e.plural != "" && !slices.Contains(got, 1) && slices.Contains(want, 1) {
			got = slices.Insert(got, 0, 1)
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("the translation of %q has other placeholders: %q", source, form)
		}
		if !slices.Equal(tags(form), tags(source)) {
			return fmt.Errorf("the translation of %q has other tags: %q", source, form)
		}
	}
	return nil
}

var errNoForm = errors.New("msgstr has no index, although the text has a plural")
