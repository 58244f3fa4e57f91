package lang

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// reader reads a PO file, as the manual of GNU gettext describes it ("The Format of
// PO Files"). Unlike gettext's libraries it accepts nothing that it does not
// understand.
type reader struct {
	line    int
	entries map[string]entry
	header  map[string]string

	current entry
	fields  map[string]*string // of the current entry, by keyword
	last    *string            // to which a line with only a string is added
	fuzzy   bool
}

// keyOf returns the key of a text in a context, as in MO files.
func keyOf(context, text string) string {
	if context == "" {
		return text
	}
	return context + "\x04" + text
}

// readPO returns the entries of a file by key, and its header. Entries that are
// marked as fuzzy are left out.
func readPO(text string) (*reader, error) {
	r := &reader{entries: map[string]entry{}, header: map[string]string{}, fields: map[string]*string{}}
	text = strings.TrimPrefix(text, "\ufeff")
	for line := range strings.SplitSeq(text, "\n") {
		r.line++
		if err := r.read(strings.TrimSpace(line)); err != nil {
			return r, err
		}
	}
	return r, r.finish()
}

// read reads one line.
func (r *reader) read(line string) error {
	switch {
	case !utf8.ValidString(line):
		return fmt.Errorf("the line is not UTF-8")
	case line == "", strings.HasPrefix(line, "#~"):
		return nil
	case strings.HasPrefix(line, "#"):
		return r.comment(line)
	case strings.HasPrefix(line, `"`):
		return r.more(line)
	}
	keyword, quoted, ok := strings.Cut(line, " ")
	if !ok {
		return fmt.Errorf("%q is neither a comment, a keyword with a string, nor a string", line)
	}
	if keyword == "msgctxt" || keyword == "msgid" && r.fields["msgctxt"] == nil || keyword == "msgid" && r.fields["msgid"] != nil {
		if err := r.finish(); err != nil {
			return err
		}
	}
	return r.keyword(keyword, strings.TrimSpace(quoted))
}

// comment reads a comment, which begins a new entry after a translation.
func (r *reader) comment(line string) error {
	if r.fields["msgid"] != nil {
		if err := r.finish(); err != nil {
			return err
		}
	}
	if strings.HasPrefix(line, "#,") && strings.Contains(line, "fuzzy") {
		r.fuzzy = true
	}
	return nil
}

// keyword reads the first line of a field of an entry.
func (r *reader) keyword(keyword, quoted string) error {
	text, err := unquote(quoted)
	if err != nil {
		return err
	}
	if r.fields[keyword] != nil {
		return fmt.Errorf("%s occurs twice", keyword)
	}
	switch index, isForm := strings.CutPrefix(keyword, "msgstr"); {
	case keyword == "msgid":
		r.current.line = r.line
	case isForm && r.fields["msgid"] == nil, keyword == "msgid_plural" && r.fields["msgid"] == nil:
		return fmt.Errorf("%s has no msgid before it", keyword)
	case isForm && index != "":
		if index != "["+strconv.Itoa(len(r.fields)-r.beforeForms())+"]" {
			return fmt.Errorf("%s is not the next form", keyword)
		}
	case isForm, keyword == "msgctxt", keyword == "msgid_plural":
	default:
		return fmt.Errorf("unknown keyword %q", keyword)
	}
	r.last = &text
	r.fields[keyword] = r.last
	return nil
}

// beforeForms returns the number of fields of the entry that are no translations.
func (r *reader) beforeForms() (n int) {
	for _, keyword := range []string{"msgctxt", "msgid", "msgid_plural"} {
		if r.fields[keyword] != nil {
			n++
		}
	}
	return n
}

// more reads a line that continues a string.
func (r *reader) more(line string) error {
	text, err := unquote(line)
	if err == nil && r.last == nil {
		err = fmt.Errorf("a string without a keyword before it")
	}
	if err == nil {
		*r.last += text
	}
	return err
}

// finish adds the current entry.
func (r *reader) finish() error {
	if len(r.fields) == 0 {
		return nil
	}
	fields, fuzzy, e := r.fields, r.fuzzy, r.current
	r.fields, r.fuzzy, r.current, r.last = map[string]*string{}, false, entry{}, nil
	text := func(keyword string) string {
		if fields[keyword] == nil {
			return ""
		}
		return *fields[keyword]
	}
	e.id, e.plural = text("msgid"), text("msgid_plural")
	if fields["msgid"] == nil || fields["msgstr"] == nil && fields["msgstr[0]"] == nil {
		return fmt.Errorf("the entry before has no msgid or no msgstr")
	}
	if e.plural == "" {
		e.forms = []string{text("msgstr")}
	}
	for i := 0; e.plural != "" && fields[form0(i)] != nil; i++ {
		e.forms = append(e.forms, text(form0(i)))
	}
	if (fields["msgstr"] == nil) != (e.plural != "") {
		return errNoForm
	}
	key := keyOf(text("msgctxt"), e.id)
	switch _, twice := r.entries[key]; {
	case e.id == "":
		return r.readHeader(e.forms[0])
	case twice:
		r.line = e.line
		return fmt.Errorf("the text %q occurs twice", e.id)
	case !fuzzy:
		r.entries[key] = e
	}
	return nil
}

func form0(i int) string { return "msgstr[" + strconv.Itoa(i) + "]" }

// readHeader reads the translation of the empty text.
func (r *reader) readHeader(text string) error {
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok && line != "" {
			return fmt.Errorf("the line %q of the header has no colon", line)
		}
		r.header[strings.ToLower(name)] = strings.TrimSpace(value)
	}
	return nil
}

// unquote returns the text of a string in quotes, with the escapes of C.
func unquote(quoted string) (string, error) {
	text, err := strconv.Unquote(quoted)
	if err != nil || !strings.HasPrefix(quoted, `"`) {
		return "", fmt.Errorf("%s is not a string in double quotes", quoted)
	}
	return text, nil
}
