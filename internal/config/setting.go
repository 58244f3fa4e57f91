package config

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"roster/internal/secret"
)

// The sources of a setting.
const (
	SourceDefault = "default"
	SourceEnv     = "env"
	SourceDotenv  = ".env"
)

// Setting is a setting for display.
type Setting struct {
	Name    string
	Value   string // as written; "[secret]" for a secret
	Default string // "" if it has none
	Source  string // SourceDefault, SourceEnv, SourceDotenv or the path of another file, plus ", as NAME" if it was set by another name
}

// setting is a setting of Config, as the tags of its field say.
type setting struct {
	name     string
	standard string // the default
	also     string // an alternative name, used by Celery
	secret   bool
	login    bool // a URL, shown without user and password
	blank    bool // an empty value counts as set
	least    int  // minimum of an integer
	most     int  // maximum of an integer; 0 for other types
}

// settings lists all settings in the order of the fields of Config.
var settings = readTags(reflect.TypeFor[Config]())

func readTags(t reflect.Type) (all []setting) {
	for f := range t.Fields() {
		name, ok := f.Tag.Lookup("env")
		if !ok {
			continue
		}
		s := setting{
			name: name, standard: f.Tag.Get("default"), also: f.Tag.Get("also"),
			login: f.Tag.Get("mask") == "login", blank: f.Tag.Get("blank") == "true",
		}
		s.secret = !s.login && (f.Type == reflect.TypeFor[secret.Text]() || f.Type == reflect.TypeFor[[]secret.Text]())
		least, most, _ := strings.Cut(f.Tag.Get("range"), "-")
		s.least, _ = strconv.Atoi(least) // 0 without a range
		s.most, _ = strconv.Atoi(most)
		all = append(all, s)
	}
	return all
}

// merge returns the value of every setting by name, and the settings for
// display. The environment overrides the file, and the file overrides the
// default.
func merge(all []setting, environ, fromFile map[string]string, file string) (map[string]string, []Setting) {
	values := make(map[string]string, len(all))
	shown := make([]Setting, 0, len(all))
	for _, s := range all {
		picked := s.pick(environ, fromFile, file)
		values[s.name] = picked.Value
		switch {
		case s.secret && picked.Value != "":
			picked.Value = secret.Redacted
		case s.login:
			picked.Value = hideLogin(picked.Value)
		}
		shown = append(shown, picked)
	}
	return values, shown
}

// pick returns the setting with its effective value.
func (s setting) pick(environ, fromFile map[string]string, file string) Setting {
	if value, as, ok := s.find(environ); ok {
		return Setting{s.name, value, s.standard, SourceEnv + as}
	}
	if value, as, ok := s.find(fromFile); ok {
		return Setting{s.name, value, s.standard, file + as}
	}
	return Setting{s.name, s.standard, s.standard, SourceDefault}
}

// setAs introduces the alternative name in Setting.Source.
const setAs = ", as "

// find returns the trimmed value, a note if it was set by its alternative name,
// and whether it counts as set. The setting's own name takes precedence.
func (s setting) find(values map[string]string) (value, as string, ok bool) {
	if value, ok = values[s.name]; ok {
		value = strings.TrimSpace(value)
		ok = value != "" || s.blank
	}
	if !ok && s.also != "" {
		value, as = strings.TrimSpace(values[s.also]), setAs+s.also
		ok = value != ""
	}
	return value, as, ok
}

// namesOf returns the names of settings.
func namesOf(all []setting) (names []string) {
	for _, s := range all {
		names = append(names, s.name)
	}
	return names
}

// Dump returns every setting in the order of the documentation, with masked
// secrets. It may be called before Validate, and after it failed. A generated
// key is not a setting and not included.
func (c Config) Dump() []Setting { return slices.Clone(c.shown) }
