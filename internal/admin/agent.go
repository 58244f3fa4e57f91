package admin

import (
	"strings"
	"unicode"
)

// agentName is a word of a User-Agent and what people call that.
type agentName struct{ word, name string }

// Most browsers name those that they descend from as well, so the first of a
// table that is found counts.
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

// browserOf returns a short name of the browser and the system that a
// User-Agent is of, such as "Firefox on Linux"; of another program its name.
// It is what the client says, no proof of anything.
func browserOf(agent string) string {
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

// maxProgram is how many characters of the name of a program are shown.
const maxProgram = 30

// programOf returns the name that a User-Agent begins with.
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
