package server

import (
	"io/fs"
	"slices"
	"strings"

	"roster/internal/access"
	"roster/internal/admin"
	"roster/internal/admin/site"
	"roster/internal/config"
)

// settingsDoc is the documentation of the settings, and its address.
const (
	settingsDoc     = "settings.md"
	settingsDocPath = "/docs/settings/"
)

// settingGroups returns the settings by the sections of their documentation: in each
// section first those that are set.
func settingGroups(conf config.Config, documents fs.FS) ([]admin.SettingGroup, error) {
	text, err := fs.ReadFile(documents, settingsDoc)
	if err != nil {
		return nil, err
	}
	left := conf.Dump()
	groups := []admin.SettingGroup{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "## "); ok {
			groups = append(groups, admin.SettingGroup{Title: title, Doc: settingsDocPath + anchorOf(title)})
		}
		names, ok := strings.CutPrefix(line, "### ")
		if !ok || len(groups) == 0 {
			continue
		}
		group, listed := &groups[len(groups)-1], strings.Split(names, ", ")
		left = slices.DeleteFunc(left, func(s config.Setting) bool {
			here := slices.Contains(listed, s.Name)
			if here {
				group.Settings = append(group.Settings, shownSetting(s, settingsDocPath+anchorOf(names)))
			}
			return here
		})
	}
	other := admin.SettingGroup{Title: "Others"} // such as those of a provider
	for _, s := range left {
		other.Settings = append(other.Settings, shownSetting(s, ""))
	}
	return sorted(append(groups, other)), nil
}

// sorted returns the groups that have settings, those that are set first.
func sorted(groups []admin.SettingGroup) []admin.SettingGroup {
	for _, group := range groups {
		slices.SortStableFunc(group.Settings, func(a, b admin.Setting) int { return strings.Compare(rankOf(a), rankOf(b)) })
	}
	return slices.DeleteFunc(groups, func(g admin.SettingGroup) bool { return len(g.Settings) == 0 })
}

// rankOf orders the settings that are set first.
func rankOf(s admin.Setting) string {
	if s.Source == "" {
		return "1"
	}
	return "0"
}

func shownSetting(s config.Setting, doc string) admin.Setting {
	shown := admin.Setting{Name: s.Name, Value: s.Value, Default: s.Default, Source: s.Source, Doc: doc}
	source, as, _ := strings.Cut(s.Source, ", ")
	switch source {
	case config.SourceDefault:
		shown.Source = ""
	case config.SourceEnv:
		shown.Source = "environment"
		if as != "" {
			shown.Source += ", " + as
		}
	}
	return shown
}

// anchorOf returns the fragment of a heading in the documentation.
func anchorOf(heading string) string {
	return "#" + strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '_' || r == '-':
			return '-'
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, strings.ToLower(heading))
}

// settingsShelf returns the settings for the search.
func settingsShelf(groups []admin.SettingGroup) site.Shelf {
	var entries []site.Entry
	for _, group := range groups {
		for _, s := range group.Settings {
			entries = append(entries, site.Entry{Name: s.Name, URL: admin.SettingsPath + "#" + s.Name, Words: group.Title, Needs: access.Superuser})
		}
	}
	return site.Shelf{Title: "Settings", Entries: func() ([]site.Entry, error) { return entries, nil }}
}
