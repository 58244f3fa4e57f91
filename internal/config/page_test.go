package config_test

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"roster/internal/config"
	"roster/internal/secret"
)

var update = flag.Bool("update", false, "rewrite docs/settings.md")

const pageHead = "# Settings\n\n" +
	"Roster reads settings from the environment and from the file `.env` in the working directory, or the file of `--env-file`, which is read like\n" +
	"systemd's EnvironmentFile. The environment wins, and an empty value counts as unset. `roster check` shows the settings that are set, `roster check\n" +
	"--all` all of them, with every problem. Every secret can be read from a file: append `_FILE` to its name, as in\n" +
	"`DB_PASSWORD_FILE=/run/secrets/db_password`.\n\n" +
	"`go test ./internal/config -update` generates this page from `.env.example` and the code.\n"

// TestSettingsPage keeps docs/settings.md in step with .env.example, whose names and
// defaults are those of the code, and with the types and ranges of the code.
func TestSettingsPage(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	_, sections, found := strings.Cut(string(example), "# ---- ")
	if !found {
		t.Fatal(".env.example has no sections")
	}
	var b strings.Builder
	b.WriteString(pageHead)
	for section := range strings.SplitSeq(sections, "# ---- ") {
		title, text, _ := strings.Cut(section, " ----\n")
		b.WriteString("\n## " + title + "\n")
		writeSettingsOf(&b, text)
	}
	const page = "../../docs/settings.md"
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(page); err != nil || string(got) != b.String() {
		t.Errorf("%s is not as .env.example and the code are (%v); run go test ./internal/config -update", page, err)
	}
}

// assigned matches a setting of the example with its default.
var assigned = regexp.MustCompile(`^#([A-Z_]+)=(.*)$`)

// writeSettingsOf writes the settings of a section: comments describe those that
// follow.
func writeSettingsOf(b *strings.Builder, text string) {
	var about, names []string
	flush := func() {
		if len(names) > 0 {
			writeSettings(b, names, about)
			about, names = nil, nil
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if set := assigned.FindStringSubmatch(line); set != nil {
			names = append(names, set[1])
			continue
		}
		flush()
		if comment, ok := strings.CutPrefix(line, "#"); ok {
			about = append(about, strings.TrimPrefix(comment, " "))
		}
	}
	flush()
}

func writeSettings(b *strings.Builder, names, about []string) {
	fmt.Fprintf(b, "\n### %s\n\n", strings.Join(names, ", "))
	for _, name := range names {
		if about := valuesOf(name); len(names) > 1 {
			fmt.Fprintf(b, "- `%s`: %s\n", name, about)
		} else {
			b.WriteString(strings.ToUpper(about[:1]) + about[1:] + ".\n")
		}
	}
	inCode := false
	b.WriteString("\n")
	for _, line := range about {
		indented := strings.HasPrefix(line, "  ")
		if indented != inCode {
			b.WriteString("\n")
			inCode = indented
		}
		if indented {
			line = "  " + line // a code block
		} else {
			line = markup.ReplaceAllString(line, `\$0`)
			line = mentioned.ReplaceAllString(line, "[$1]($2)")
		}
		b.WriteString(line + "\n")
	}
}

var (
	// markup matches what Markdown would take for markup.
	markup = regexp.MustCompile(`[<*\[\]]`)
	// mentioned matches the name of a document.
	mentioned = regexp.MustCompile(`\b(docs/([a-z0-9/-]+\.md))`)
)

// valuesOf describes the default and the type of a setting.
func valuesOf(name string) string {
	for field := range reflect.TypeFor[config.Config]().Fields() {
		if field.Tag.Get("env") != name {
			continue
		}
		about := "not set"
		if standard := field.Tag.Get("default"); standard != "" {
			about = "default `" + standard + "`"
		}
		if least, most, ok := strings.Cut(field.Tag.Get("range"), "-"); ok {
			about += ", from " + least + " to " + most
		}
		switch field.Type {
		case reflect.TypeFor[bool]():
			about += ", a boolean"
		case reflect.TypeFor[secret.Text](), reflect.TypeFor[[]secret.Text]():
			about += ", a secret"
		}
		return about
	}
	return "unknown"
}
