package lang

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed languages
var builtin embed.FS

// The limits of catalogues.
const (
	maxFile   = 4 << 20 // bytes of a file
	maxFiles  = 100
	maxAccept = 256 // bytes of Accept-Language that are read
)

// Catalog has the languages. It is immutable and safe for concurrent use.
type Catalog struct {
	languages []*Language // English first, then by code
	matcher   language.Matcher
	standard  *Language
}

// Builtin returns the languages that the program has, English being the default.
func Builtin() (*Catalog, error) { return Load(nil) }

// Load returns the languages of the program and of the files CODE.po in dir, which
// may be nil. A file for a language of the program replaces its texts one by one.
// An error names the file and line.
func Load(dir fs.FS) (*Catalog, error) {
	own, err := fs.Sub(builtin, "languages")
	if err != nil {
		return nil, err
	}
	byCode := map[string]*Language{English.Code: English}
	for _, source := range []fs.FS{own, dir} {
		if source == nil {
			continue
		}
		if err := addFolder(byCode, source); err != nil {
			return nil, err
		}
	}
	c := &Catalog{standard: byCode[English.Code]}
	for _, l := range byCode {
		if l != English { // which all catalogues share
			l.complete()
		}
		c.languages = append(c.languages, l)
	}
	slices.SortFunc(c.languages, func(a, b *Language) int {
		return cmp.Or(cmp.Compare(byOrigin(a), byOrigin(b)), cmp.Compare(a.Code, b.Code))
	})
	known := make([]language.Tag, len(c.languages))
	for i, l := range c.languages {
		known[i] = l.tag
	}
	c.matcher = language.NewMatcher(known)
	return c, nil
}

// complete derives the name and the patterns from the texts.
func (l *Language) complete() {
	if l.Name = l.In("language", "English"); l.Name == "English" && l.Code != English.Code {
		l.Name = l.Tag
	}
	l.patterns = patternsOf(l.texts)
}

// Prefer returns the catalogue with another default language.
func (c *Catalog) Prefer(code string) (*Catalog, error) {
	standard := c.Find(code)
	if standard == nil {
		return nil, fmt.Errorf("there is no language %q; there are %s", code, strings.Join(c.Codes(), ", "))
	}
	return &Catalog{c.languages, c.matcher, standard}, nil
}

// byOrigin sorts English first.
func byOrigin(l *Language) int {
	if l.Code == English.Code {
		return 0
	}
	return 1
}

// addFolder adds the languages of a folder.
func addFolder(byCode map[string]*Language, source fs.FS) error {
	files, err := fs.Glob(source, "*.po")
	if err != nil {
		return err
	}
	if len(files) > maxFiles {
		return fmt.Errorf("there are more than %d files", maxFiles)
	}
	for _, file := range files {
		if err := addFile(byCode, source, file); err != nil {
			return err
		}
	}
	return nil
}

// addFile adds the language of a file, or its texts to those of the language.
func addFile(byCode map[string]*Language, source fs.FS, file string) error {
	name := strings.TrimSuffix(path.Base(file), ".po")
	tag, err := language.Parse(name)
	if err != nil {
		return fmt.Errorf("%s: %q is not the code of a language", file, name)
	}
	info, err := fs.Stat(source, file)
	if err == nil && info.Size() > maxFile {
		return fmt.Errorf("%s: the file is larger than %d bytes", file, maxFile)
	}
	text, err := fs.ReadFile(source, file)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	read, err := readPO(string(text))
	if err != nil {
		return fmt.Errorf("%s:%d: %w", file, read.line, err)
	}
	l := newLanguage(tag)
	if known := byCode[l.Code]; known != nil && known != English {
		l = known
	}
	if err := l.add(read, file); err != nil {
		return err
	}
	byCode[l.Code] = l
	return nil
}

// add adds the translations of a file.
func (l *Language) add(read *reader, file string) error {
	if forms := read.header["plural-forms"]; forms != "" && l.texts != nil || forms != "" {
		if want := "nplurals=" + strconv.Itoa(len(l.forms)) + ";"; !strings.HasPrefix(strings.ReplaceAll(forms, " ", ""), want) {
			return fmt.Errorf("%s: Plural-Forms is %q, but CLDR has %d forms for %s", file, forms, len(l.forms), l.Code)
		}
	}
	if l.texts == nil {
		l.texts = map[string]entry{}
	}
	for key, e := range read.entries {
		if e.plural != "" && len(e.forms) != len(l.forms) {
			return fmt.Errorf("%s:%d: %q has %d plural forms, but CLDR has %d for %s", file, e.line, e.id, len(e.forms), len(l.forms), l.Code)
		}
		if err := checkEntry(e); err != nil {
			return fmt.Errorf("%s:%d: %w", file, e.line, err)
		}
		if !slices.Contains(e.forms, "") {
			l.texts[key] = e
		}
	}
	return nil
}

// rightToLeft has the scripts that are written from right to left.
var rightToLeft = []string{"Adlm", "Arab", "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa"}

func newLanguage(tag language.Tag) *Language {
	l := &Language{
		Tag: tag.String(), Code: strings.ToLower(tag.String()), Name: "English", Dir: "ltr",
		tag: tag, numbers: message.NewPrinter(tag), forms: formsOf(tag),
	}
	if script, _ := tag.Script(); slices.Contains(rightToLeft, script.String()) {
		l.Dir = "rtl"
	}
	return l
}

// All returns the languages, English first, then by code.
func (c *Catalog) All() []*Language { return c.languages }

// Codes returns the codes of the languages in that order.
func (c *Catalog) Codes() (codes []string) {
	for _, l := range c.languages {
		codes = append(codes, l.Code)
	}
	return codes
}

// Default returns the default language.
func (c *Catalog) Default() *Language { return c.standard }

// Find returns the language of a code of Django or BCP 47: "zh-hans", "de-at", "es".
// It is nil if there is none close enough to be understood.
func (c *Catalog) Find(code string) *Language {
	tag, err := language.Parse(code)
	if err != nil || len(code) > maxAccept {
		return nil
	}
	return c.nearest(tag)
}

func (c *Catalog) nearest(tag language.Tag) *Language {
	if _, i, sure := c.matcher.Match(tag); sure >= language.High {
		return c.languages[i]
	}
	return nil
}

// Accept returns the language of a header Accept-Language (RFC 9110, 12.5.4), nil
// if there is none.
func (c *Catalog) Accept(header string) *Language {
	if len(header) > maxAccept {
		header = header[:maxAccept]
	}
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return nil
	}
	for _, tag := range wanted {
		if l := c.nearest(tag); l != nil {
			return l
		}
	}
	return nil
}
