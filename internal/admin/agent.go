package admin

import (
	"strings"
	"unicode"

	"roster/internal/lang"
)

// agentName is a token of a User-Agent and the name to show for it.
type agentName struct{ word, name string }

// Most browsers also name their ancestors, so the first match in a table counts.
var (
	browserNames = []agentName{
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"Vivaldi/", "Vivaldi"},
		{"FxiOS/", "Firefox"},
		{"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	}
	systemNames = []agentName{
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"CrOS", "ChromeOS"},
		{"Windows", "Windows"},
		{"Macintosh", "macOS"},
		{"Linux", "Linux"},
	}
)

// BrowserOf returns a short name of the browser and the system of a User-Agent,
// such as "Firefox on Linux", or the name of another program. Clients can send
// any User-Agent.
func BrowserOf(agent string) string {
	browser, system := firstNamed(browserNames, agent), firstNamed(systemNames, agent)
	if browser == "" {
		browser = programOf(agent)
	}
	if system == "" {
		return browser
	}
	return browser + " on " + system
}

func firstNamed(names []agentName, agent string) string {
	for _, n := range names {
		if strings.Contains(agent, n.word) {
			return n.name
		}
	}
	return ""
}

// browserIn is BrowserOf in a language.
func browserIn(l *lang.Language, agent string) string {
	name := BrowserOf(agent)
	if browser, system, ok := strings.Cut(name, " on "); ok {
		return l.T("%s on %s", browser, system)
	}
	return l.T(name)
}

// maxProgram is the maximum length of a program name, in characters.
const maxProgram = 30

// programOf returns the name at the beginning of a User-Agent.
func programOf(agent string) string {
	name := strings.TrimFunc(agent, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) })
	if end := strings.IndexFunc(name, func(r rune) bool { return r == '/' || !unicode.IsGraphic(r) || unicode.IsSpace(r) }); end >= 0 {
		name = name[:end]
	}
	switch runes := []rune(name); {
	case len(runes) == 0 || name == "Mozilla":
		return "Unknown browser"
	case len(runes) > maxProgram:
		return string(runes[:maxProgram]) + "…"
	}
	return name
}
