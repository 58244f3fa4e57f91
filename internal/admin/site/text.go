package site

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"roster/internal/access"
	"roster/internal/admin/site/shown"
	"roster/internal/httpkit"
	"roster/internal/httpkit/chart"
	"roster/internal/httpkit/pagination"
	"roster/internal/lang"
)

// String formats the count as 1,234, or as 10,000+ with More.
func (c Count) String() string {
	if c.More {
		return pagination.Grouped(c.N) + "+"
	}
	return pagination.Grouped(c.N)
}

// of returns a text such as "1 user" or "1,234 users".
func (c Count) of(res *Resource) string {
	text := res.count(c.N)
	if c.More {
		n := res.language().Number(c.N)
		text = strings.Replace(text, n, n+"+", 1)
	}
	return text
}

// capitalised returns a text with its first letter in upper case.
func capitalised(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// cell is a value for display.
type cell struct {
	Text  string
	ISO   string // of a time
	Title string // of a time: in full, with its zone
	Is    string // "yes" or "no" of a boolean

	Badge    bool
	Tone     shown.Tone // of a badge
	URL      string     // of a link
	Code     bool
	Progress *shown.Progress
	Chart    *chart.Drawing
}

// newCell formats a value of a record.
func newCell(l *lang.Language, value any, zone *time.Location) cell {
	switch v := value.(type) {
	case nil:
		return cell{}
	case bool:
		if v {
			return cell{Text: l.T("Yes"), Is: "yes"}
		}
		return cell{Text: l.T("No"), Is: "no"}
	case time.Time:
		return timeCell(l, v.In(zone))
	case shown.Moment:
		return momentCell(l, v, zone)
	case string:
		return cell{Text: strings.ToValidUTF8(v, "\uFFFD")}
	case int64:
		return cell{Text: strconv.FormatInt(v, 10)}
	default:
		return richCell(l, v)
	}
}

// timeCell shows a time in its zone.
func timeCell(l *lang.Language, local time.Time) cell {
	return cell{Text: l.Time(local), ISO: local.Format(time.RFC3339), Title: httpkit.TimeTitle(local)}
}

// momentCell shows a time in its own zone, with its name, and then in that of the
// site.
func momentCell(l *lang.Language, m shown.Moment, zone *time.Location) cell {
	c := timeCell(l, m.At.In(m.In))
	c.Text += " " + m.In.String()
	if m.In.String() == zone.String() {
		return c
	}
	here := m.At.In(zone)
	text := l.Time(here)
	if here.Format(time.DateOnly) == m.At.In(m.In).Format(time.DateOnly) {
		text = here.Format("15:04")
	}
	c.Text += " (" + text + " " + zone.String() + ")"
	return c
}

// objectCell returns the name of a record, with a link to its page if the actor may
// view it.
func (s *Site) objectCell(actor access.Actor, o shown.Object) cell {
	c := cell{Text: strings.ToValidUTF8(o.Name, "\uFFFD")}
	for i := range s.Resources {
		res := &s.Resources[i]
		if res.Object == o.Kind && o.Kind != "" && o.ID > 0 && c.Text != "" && actor.Can(res.guarded().View()) {
			c.URL = res.path() + strconv.FormatInt(o.ID, 10) + "/"
		}
	}
	return c
}

// cellOf formats a value of a record for the actor.
func (s *Site) cellOf(actor access.Actor, value any) cell {
	if o, ok := value.(shown.Object); ok {
		return s.objectCell(actor, o)
	}
	return newCell(s.texts, value, s.Zone)
}

// progressText returns the text of a progress in a language.
func progressText(l *lang.Language, p shown.Progress) string {
	switch {
	case p.Total > 0:
		return l.T("%s of %s", p.Done, p.Total)
	case p.Done > 0:
		return l.Number(p.Done)
	}
	return ""
}

// richCell formats a value of package shown.
func richCell(l *lang.Language, value any) cell {
	switch v := value.(type) {
	case shown.Badge:
		return cell{Text: l.T(v.Text), Badge: v.Text != "", Tone: v.Tone}
	case shown.Link:
		return cell{Text: strings.ToValidUTF8(v.Text, "\uFFFD"), URL: v.URL}
	case shown.Object:
		return cell{Text: strings.ToValidUTF8(v.Name, "\uFFFD")}
	case shown.Code:
		return cell{Text: strings.ToValidUTF8(string(v), "\uFFFD"), Code: v != ""}
	case shown.Progress:
		return cell{Text: progressText(l, v), Progress: &v}
	case chart.Chart:
		drawing := v.Draw(l)
		return cell{Text: v.Label, Chart: &drawing}
	default:
		return cell{Text: fmt.Sprint(v)}
	}
}
