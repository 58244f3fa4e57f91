package mail

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	texttemplate "text/template"
)

//go:embed templates
var builtIn embed.FS

// layout is the frame of the HTML parts.
const layout = "layout.html"

// maxTemplate is the maximum size of a template file, in bytes.
const maxTemplate = 1 << 20

// Templates renders Roster's own mails. Each has a file NAME.txt, which defines
// "subject" and is the text, and NAME.html, which defines "content" for the
// frame layout.html, or is blank for a mail without HTML. It is safe for
// concurrent use.
type Templates struct {
	texts map[string]*texttemplate.Template
	htmls map[string]*htmltemplate.Template // without blank ones
}

// NewTemplates loads the templates: those in own (which may be nil) override
// the built-in ones by name. The error names every file and line that does not
// parse or uses data that the mail does not have, and files in own that no mail
// uses.
func NewTemplates(own fs.FS) (*Templates, error) {
	t := &Templates{texts: map[string]*texttemplate.Template{}, htmls: map[string]*htmltemplate.Template{}}
	var failures []error
	if own != nil {
		failures = append(failures, unusedFiles(own))
	}
	for _, sample := range samples() {
		if err := t.read(own, sample.name()); err != nil {
			failures = append(failures, err)
			continue
		}
		_, err := t.Render(sample)
		failures = append(failures, err)
	}
	if err := errors.Join(failures...); err != nil {
		return nil, err
	}
	return t, nil
}

// unusedFiles names templates that override nothing, which are probably
// misspelled. Other files are allowed.
func unusedFiles(own fs.FS) error {
	entries, err := fs.ReadDir(own, ".")
	if err != nil {
		return err
	}
	var failures []error
	for _, entry := range entries {
		name := entry.Name()
		_, err := fs.Stat(builtIn, path.Join("templates", name))
		if err != nil && slices.Contains([]string{".txt", ".html"}, path.Ext(name)) {
			failures = append(failures, fmt.Errorf("%s: no template has this name", name))
		}
	}
	return errors.Join(failures...)
}

// read parses the two templates of a mail.
func (t *Templates) read(own fs.FS, name string) error {
	text, err := readTemplate(own, name+".txt")
	if err != nil {
		return err
	}
	t.texts[name], err = texttemplate.New(name + ".txt").Option("missingkey=error").Parse(text)
	if err != nil {
		return parseFailure(err)
	}
	content, err := readTemplate(own, name+".html")
	if err != nil || strings.TrimSpace(content) == "" {
		return err
	}
	frame, err := readTemplate(own, layout)
	if err != nil {
		return err
	}
	html, err := htmltemplate.New(layout).Option("missingkey=error").Parse(frame)
	if err == nil {
		_, err = html.New(name + ".html").Parse(content)
	}
	t.htmls[name] = html
	return parseFailure(err)
}

// readTemplate returns the operator's file, or the built-in one.
func readTemplate(own fs.FS, name string) (string, error) {
	from, file := fs.FS(builtIn), path.Join("templates", name)
	if own != nil {
		if _, err := fs.Stat(own, name); err == nil {
			from, file = own, name
		}
	}
	content, err := fs.ReadFile(from, file)
	if err == nil && len(content) > maxTemplate {
		err = fmt.Errorf("%s: larger than %d bytes", name, maxTemplate)
	}
	return string(content), err
}

// parseFailure removes the packages' prefixes before file and line.
func parseFailure(err error) error {
	if err == nil {
		return nil
	}
	text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "html/template:"), "template: ")
	return errors.New(text)
}

// Render returns the message of a mail, without its addresses. It fails if an
// operator's template does, for example with an index out of range.
func (t *Templates) Render(mail Mail) (Message, error) {
	var subject, text, html bytes.Buffer
	name := mail.name()
	if err := t.texts[name].ExecuteTemplate(&subject, "subject", mail); err != nil {
		return Message{}, parseFailure(err)
	}
	if err := t.texts[name].Execute(&text, mail); err != nil {
		return Message{}, parseFailure(err)
	}
	if page, ok := t.htmls[name]; ok {
		if err := page.Execute(&html, mail); err != nil {
			return Message{}, parseFailure(err)
		}
	}
	m := Message{Subject: oneLine(subject.String()), Text: strings.TrimSpace(text.String()) + "\n", HTML: html.String()}
	if n, ok := mail.(Notification); ok {
		m.Unsubscribe = n.Unsubscribe
	}
	return m, nil
}

// oneLine converts template output to a subject: a name in it may contain line
// breaks.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if breaksLine(r) {
			return ' '
		}
		return r
	}, clean(text))
	subject := []rune(strings.Join(strings.Fields(text), " "))
	return string(subject[:min(len(subject), maxSubject)])
}
