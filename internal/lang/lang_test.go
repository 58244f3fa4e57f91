package lang_test

import (
	"html/template"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/lang"
)

func load(t *testing.T, files map[string]string) (*lang.Catalog, error) {
	t.Helper()
	dir := fstest.MapFS{}
	for name, text := range files {
		dir[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return lang.Load(dir)
}

func mustLoad(t *testing.T, files map[string]string) *lang.Catalog {
	t.Helper()
	c, err := load(t, files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const polish = `# A comment
msgid ""
msgstr ""
"Language: pl\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\n"

msgid "Log in"
msgstr "Zaloguj się"

msgctxt "language"
msgid "English"
msgstr "Polski"

#: somewhere
msgctxt "month"
msgid "May"
msgstr "maj"

msgid "%s file in %s"
msgid_plural "%s files in %s"
msgstr[0] "%s plik w %s"
msgstr[1] "%s pliki w %s"
msgstr[2] "%s plików "
"w %s"

msgid "%s of %s"
msgstr "z %[2]s: %[1]s"

msgid "Hello <b>%s</b>"
msgstr "Witaj <b>%s</b>"

#, fuzzy
msgid "Unsure"
msgstr "Niepewny"

msgid "Missing"
msgstr ""

msgid "Ensure this field has no more than %s characters."
msgstr "Nie więcej niż %s znaków."

#~ msgid "Old"
#~ msgstr "Stary"
`

func TestLanguage(t *testing.T) {
	t.Parallel()
	pl := mustLoad(t, map[string]string{"pl.po": polish}).Find("pl")
	for got, want := range map[string]string{
		pl.T("Log in"):               "Zaloguj się",
		pl.T("Missing"):              "Missing",
		pl.T("Unsure"):               "Unsure",
		pl.T("100 %s", "%s"):         "100 %s",
		pl.In("month", "May"):        "maj",
		pl.In("month", "Jun"):        "Jun",
		pl.T("%s of %s", 3, 1234567): "z 1\u00a0234\u00a0567: 3",
		pl.N(1, "%s file in %s", "%s files in %s", "/a"):                 "1 plik w /a",
		pl.N(22, "%s file in %s", "%s files in %s", "/a"):                "22 pliki w /a",
		pl.N(112, "%s file in %s", "%s files in %s", "/a"):               "112 plików w /a",
		pl.N(2, "%s day", "%s days"):                                     "2 days",
		string(pl.HTML("Hello <b>%s</b>", "<i>")):                        "Witaj <b>&lt;i&gt;</b>",
		string(pl.HTML("%s!", template.HTML("<i>"))):                     "<i>!",
		pl.Message("Ensure this field has no more than 150 characters."): "Nie więcej niż 150 znaków.",
		pl.Message("5 files in the cellar"):                              "5 plików w the cellar",
		pl.Message("Something else."):                                    "Something else.",
		lang.English.T("%s of %s", 3, 1234567):                           "3 of 1,234,567",
		lang.English.N(1, "%s day", "%s days"):                           "1 day",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if pl.Tag != "pl" || pl.Name != "Polski" || pl.Dir != "ltr" {
		t.Errorf("got %s %s %s", pl.Tag, pl.Name, pl.Dir)
	}
}

// A file replaces the texts of a language of the program one by one.
func TestLoad_Replaces(t *testing.T) {
	t.Parallel()
	de := mustLoad(t, map[string]string{"de_DE.po": "", "de.po": "msgid \"Log in\"\nmsgstr \"Einloggen\"\n"}).Find("de")
	if de.T("Log in") != "Einloggen" || de.T("Log out") != "Abmelden" {
		t.Errorf("got %q and %q", de.T("Log in"), de.T("Log out"))
	}
	en := mustLoad(t, map[string]string{"en.po": "msgid \"Log in\"\nmsgstr \"Sign in\"\n"}).Default()
	if en.T("Log in") != "Sign in" || en.T("Log out") != "Log out" {
		t.Errorf("got %q and %q", en.T("Log in"), en.T("Log out"))
	}
}

func TestLoad_Faults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"msgid \"a\"\nmsgstr \"b\"\nmsgstr \"c\"\n":  `fr.po:3: msgstr occurs twice`,
		"msgid \"a\"\nmsgstr \"b\n":                  `fr.po:2: "b is not a string in double quotes`,
		"msgid \"a\"\nmsgstr 'b'\n":                  `fr.po:2: 'b' is not a string in double quotes`,
		"msgid \"a\"\n\nmsgid \"b\"\nmsgstr \"c\"\n": `fr.po:3: the entry before has no msgid or no msgstr`,
		"msgid \"a\"":     `fr.po:1: the entry before has no msgid or no msgstr`,
		"msgstr \"a\"":    `fr.po:1: msgstr has no msgid before it`,
		"\"a\"":           `fr.po:1: a string without a keyword before it`,
		"<html>":          `fr.po:1: "<html>" is neither a comment, a keyword with a string, nor a string`,
		"msg \"a\"":       `fr.po:1: unknown keyword "msg"`,
		"msgid \"a\xff\"": `fr.po:1: the line is not UTF-8`,
		"msgid \"a\"\nmsgstr \"b\"\n\nmsgid \"a\"\nmsgstr \"c\"\n":     `fr.po:4: the text "a" occurs twice`,
		"msgid \"a %s\"\nmsgstr \"b\"\n":                               `fr.po:1: the translation of "a %s" has other placeholders: "b"`,
		"msgid \"%s %s\"\nmsgstr \"%s %[3]s\"\n":                       `fr.po:1: the translation of "%s %s" has other placeholders: "%s %[3]s"`,
		"msgid \"a\"\nmsgstr \"<script>\"\n":                           `fr.po:1: the translation of "a" has other tags: "<script>"`,
		"msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[1] \"c\"\n":           `fr.po:3: msgstr[1] is not the next form`,
		"msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[0] \"c\"\n":           `fr.po:1: "a" has 1 plural forms, but CLDR has 2 for fr`,
		"msgid \"a\"\nmsgid_plural \"b\"\nmsgstr \"c\"\n":              `fr.po:4: msgstr has no index, although the text has a plural`,
		"msgid \"\"\nmsgstr \"Plural-Forms: nplurals=1; plural=0;\"\n": `fr.po: Plural-Forms is "nplurals=1; plural=0;", but CLDR has 2 forms for fr`,
		"msgid \"\"\nmsgstr \"Broken\"\n":                              `fr.po:3: the line "Broken" of the header has no colon`,
	} {
		if _, err := load(t, map[string]string{"fr.po": text}); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if _, err := load(t, map[string]string{"french!.po": ""}); err == nil || err.Error() != `french!.po: "french!" is not the code of a language` {
		t.Errorf("got %v", err)
	}
}

func TestCatalog_Find(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, map[string]string{"pt_BR.po": "msgid \"a\"\nmsgstr \"b\"\n"})
	for code, want := range map[string]string{
		"en-us": "en", "en": "en", "en-gb": "en", "de": "de", "de-at": "de", "de_CH": "de", "es-mx": "es", "zh-hans": "zh-hans", "zh-cn": "zh-hans",
		"zh": "zh-hans", "pt-br": "pt-br", "zh-hant": "", "fr": "", "": "", "x": "", "english": "", strings.Repeat("a", 9999): "",
	} {
		got := ""
		if l := c.Find(code); l != nil {
			got = l.Code
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", code, got, want)
		}
	}
	for header, want := range map[string]string{
		"": "", "de": "de", "fr, de;q=0.5, es;q=0.8": "es", "zh-CN,zh;q=0.9,en;q=0.8": "zh-hans", "zh-TW": "", "de;q=0, es": "es", "*": "",
		"pt-BR": "pt-br", "de-AT, en": "de", "gsw": "de", strings.Repeat("fr,", 100) + "de": "", "%%%": "",
	} {
		got := ""
		if l := c.Accept(header); l != nil {
			got = l.Code
		}
		if got != want {
			t.Errorf("Accept-Language %q: got %q, want %q", header, got, want)
		}
	}
}

func TestLanguage_Dates(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, nil)
	at := time.Date(2026, 3, 5, 9, 7, 0, 0, time.UTC)
	for code, want := range map[string][]string{
		"en":      {"5 Mar 2026", "5 Mar 2026, 09:07", "5 Mar", "5 March", "March", "1,234", "12,345"},
		"de":      {"5. März 2026", "5. März 2026, 09:07", "5. März", "5. März", "März", "1.234", "12.345"},
		"es":      {"5 mar 2026", "5 mar 2026, 09:07", "5 mar", "5 de marzo", "marzo", "1.234", "12.345"},
		"zh-hans": {"2026年3月5日", "2026年3月5日 09:07", "3月5日", "3月5日", "三月", "1,234", "12,345"},
	} {
		l := c.Find(code)
		got := []string{l.Day(at), l.Time(at), l.ShortDay(at), l.LongDay(at), l.Month(at.Month()), l.Number(1234), l.Number(12345)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", code, diff)
		}
	}
}

func TestLanguage_Ago(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, nil)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for away, want := range map[time.Duration][2]string{
		0:                     {"just now", "gerade eben"},
		-time.Minute:          {"1 minute ago", "vor 1 Minute"},
		-59 * time.Minute:     {"59 minutes ago", "vor 59 Minuten"},
		-2 * time.Hour:        {"2 hours ago", "vor 2 Stunden"},
		-3 * 24 * time.Hour:   {"3 days ago", "vor 3 Tagen"},
		-7 * 24 * time.Hour:   {"17 Nov 2026", "17. Nov. 2026"},
		30 * time.Second:      {"in a moment", "gleich"},
		90 * time.Second:      {"in 1 minute", "in 1 Minute"},
		26 * time.Hour:        {"in 1 day", "in 1 Tag"},
		5 * time.Hour:         {"in 5 hours", "in 5 Stunden"},
		7*24*time.Hour + 1000: {"1 Dec 2026", "1. Dez. 2026"},
	} {
		if got := [2]string{lang.English.Ago(now.Add(away), now), c.Find("de").Ago(now.Add(away), now)}; got != want {
			t.Errorf("%v: got %q, want %q", away, got, want)
		}
	}
}

// The catalogues have the plural forms of CLDR.
func TestLanguage_Plurals(t *testing.T) {
	t.Parallel()
	forms := "msgid \"%s day\"\nmsgid_plural \"%s days\"\nmsgstr[0] \"zero\"\nmsgstr[1] \"one\"\nmsgstr[2] \"two\"\nmsgstr[3] \"few\"\nmsgstr[4] \"many\"\nmsgstr[5] \"other\"\n"
	ar := mustLoad(t, map[string]string{"ar.po": forms}).Find("ar")
	for n, want := range map[int64]string{0: "zero", 1: "one", 2: "two", 3: "few", 110: "few", 11: "many", 99: "many", 100: "other", 10_000_003: "few", -1: "one"} {
		if got := ar.N(n, "%s day", "%s days"); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
	if ar.Dir != "rtl" {
		t.Errorf("got %s", ar.Dir)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(polish)
	f.Fuzz(func(_ *testing.T, text string) {
		c, err := lang.Load(fstest.MapFS{"pl.po": &fstest.MapFile{Data: []byte(text)}})
		if err == nil {
			c.Find("pl").Message("Ensure this field has no more than 150 characters.")
		}
	})
}
