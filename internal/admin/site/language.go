package site

import (
	"net/http"
	"reflect"
	"slices"
	"sync"

	"roster/internal/access"
	"roster/internal/httpkit"
	"roster/internal/lang"
)

// inEveryLanguage returns routes that are handled by the site in the language of the
// request. Its descriptions are translated once, when the language is first used.
func (s *Site) inEveryLanguage(routes []httpkit.Route) []httpkit.Route {
	var tables sync.Map // by language
	for i := range routes {
		routes[i].Handle = func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
			l := lang.From(r.Context())
			table, ok := tables.Load(l)
			if !ok {
				table, _ = tables.LoadOrStore(l, s.in(l).routes())
			}
			return table.([]httpkit.Route)[i].Handle(w, r, actor) //nolint:forcetypeassert // the map holds nothing else
		}
	}
	return routes
}

// in returns the site in a language.
func (s *Site) in(l *lang.Language) *Site {
	o := s.Options
	o.Resources, o.Views, o.Links = translated(l, o.Resources), translated(l, o.Views), translated(l, o.Links)
	for i := range o.Resources {
		o.Resources[i].names = names{l, s.Resources[i].One, s.Resources[i].Many, s.Resources[i].verb()}
	}
	return &Site{o, s.workbooks, l}
}

// names has the English names of a resource, which are parts of the keys of texts.
type names struct {
	texts           *lang.Language // nil: English
	one, many, verb string
}

// language returns the language of the texts of a resource.
func (rs *Resource) language() *lang.Language {
	if rs.names.texts == nil {
		return lang.English
	}
	return rs.names.texts
}

// count returns a text such as "1 user" or "1,234 users".
func (rs *Resource) count(n int64) string {
	one, many := rs.names.one, rs.names.many
	if one == "" {
		one, many = rs.One, rs.Many
	}
	return rs.language().N(n, "%s "+one, "%s "+many)
}

// adding returns the label of the button and page that add a record: "Add user".
func (rs *Resource) adding() string {
	if rs.names.texts == nil {
		return capitalised(rs.verb()) + " " + rs.One
	}
	return rs.names.texts.T(capitalised(rs.names.verb) + " " + rs.names.one)
}

// translated returns a copy of descriptions in which the fields with the tag text are
// in a language.
func translated[T any](l *lang.Language, descriptions []T) []T {
	copied := make([]T, len(descriptions))
	for i := range descriptions {
		copied[i] = descriptions[i]
		translate(reflect.ValueOf(&copied[i]).Elem(), func(text string) string { return l.T(text) })
	}
	return copied
}

// translate passes the texts of a struct through t, also those of the structs in its lists,
// which it copies.
func translate(v reflect.Value, t func(string) string) {
	for i := range v.NumField() {
		field, is := v.Field(i), v.Type().Field(i)
		switch {
		case !is.IsExported():
		case is.Type.Kind() == reflect.String:
			if _, ok := is.Tag.Lookup("text"); ok {
				field.SetString(t(field.String()))
			}
		case is.Type.Kind() == reflect.Struct && is.Type.PkgPath() == v.Type().PkgPath():
			translate(field, t)
		case is.Type.Kind() == reflect.Slice && is.Type.Elem().Kind() == reflect.Struct && !field.IsNil():
			copied := reflect.MakeSlice(is.Type, field.Len(), field.Len())
			reflect.Copy(copied, field)
			for n := range copied.Len() {
				translate(copied.Index(n), t)
			}
			field.Set(copied)
		}
	}
}

// Texts returns the texts of the descriptions of the site, which catalogues should
// have. Names of records are in it with a number too.
func (s *Site) Texts() (texts []string) {
	add := func(text string) string {
		texts = append(texts, text)
		return text
	}
	o := s.Options
	copied := struct {
		Resources []Resource
		Views     []View
		Links     []Link
	}{o.Resources, o.Views, o.Links}
	translate(reflect.ValueOf(&copied).Elem(), add)
	for i := range o.Resources {
		texts = append(texts, "%s "+o.Resources[i].One, capitalised(o.Resources[i].Many), capitalised(o.Resources[i].verb())+" "+o.Resources[i].One)
	}
	slices.Sort(texts)
	return slices.DeleteFunc(slices.Compact(texts), func(text string) bool { return text == "" })
}
