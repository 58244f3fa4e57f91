package admin

import (
	"net/http"

	"roster/internal/auth"
)

// SettingsPath is the page of the settings.
const SettingsPath = "/admin/settings/"

// SettingGroup is a section of the documentation of the settings.
type SettingGroup struct {
	Title, Doc string // Doc is its address in the documentation
	Settings   []Setting
}

// Setting is a setting of this process, for display. Secrets are masked.
type Setting struct {
	Name, Value, Default string
	Source               string // where the value is from, "" for the default
	Doc                  string // its address in the documentation
}

// settingsView is the data of the page.
type settingsView struct {
	Groups  []SettingGroup
	Changed []Setting // those that have not their defaults
	All     int
}

// showSettings shows the settings of this process.
func (a *Admin) showSettings(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	v := settingsView{Groups: a.Settings}
	for _, group := range v.Groups {
		for _, s := range group.Settings {
			v.All++
			if s.Source != "" {
				v.Changed = append(v.Changed, s)
			}
		}
	}
	return a.render(w, r, http.StatusOK, "admin-settings", v)
}
