package admin

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"roster/internal/access"
	"roster/internal/auth"
)

// LogLevelsPath is the page of the log levels.
const LogLevelsPath = SettingsPath + "loglevels/"

// LevelSet is the log levels of a process, by their names in LOG_LEVEL.
type LevelSet struct {
	Process string // its name
	Level   string
	// Components are the levels of components; "": Level.
	Components map[string]string
}

// LogLevels are the log levels of this process.
type LogLevels interface {
	// Names returns the names of the levels, the most detailed first.
	Names() []string
	// Levels returns the levels as they are now.
	Levels() LevelSet
	// SetLevels changes the levels of all components of Levels. It requires
	// access.Superuser.
	SetLevels(ctx context.Context, actor access.Actor, to LevelSet) error
}

// levelsView is the data of the page.
type levelsView struct {
	Process string
	Lines   []levelView
	Saved   bool
	Failure string
}

// levelView is a field of the form.
type levelView struct {
	Name, Label string
	Level       string // "": that of the first line
	Inherits    bool   // it may have none of its own
	Names       []string
}

// componentField is the name of a component's field in the form.
func componentField(component string) string { return "level-" + component }

// showLogLevels shows the log levels of this process.
func (a *Admin) showLogLevels(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	return a.renderLogLevels(w, r, http.StatusOK, levelsView{})
}

func (a *Admin) renderLogLevels(w http.ResponseWriter, r *http.Request, status int, v levelsView) error {
	now := a.LogLevels.Levels()
	names := a.LogLevels.Names()
	v.Process = now.Process
	v.Lines = []levelView{{Name: "level", Label: "Level", Level: now.Level, Names: names}}
	for _, component := range slices.Sorted(maps.Keys(now.Components)) {
		v.Lines = append(v.Lines, levelView{componentField(component), component, now.Components[component], true, names})
	}
	return a.render(w, r, status, "admin-loglevels", v)
}

// setLogLevels changes the log levels of this process. A form of another process is
// refused: it does not show what would be changed.
func (a *Admin) setLogLevels(w http.ResponseWriter, r *http.Request, _ auth.SignedIn) error {
	to := a.LogLevels.Levels()
	if of := r.PostFormValue("process"); of != to.Process {
		return a.renderLogLevels(w, r, http.StatusConflict, levelsView{Failure: "Nothing was changed. The form was of another server process; this is " + to.Process + "."})
	}
	names := a.LogLevels.Names()
	to.Level = r.PostFormValue("level")
	valid := slices.Contains(names, to.Level)
	for component := range to.Components {
		level := r.PostFormValue(componentField(component))
		valid = valid && (level == "" || slices.Contains(names, level))
		to.Components[component] = level
	}
	if !valid {
		return a.renderLogLevels(w, r, http.StatusUnprocessableEntity, levelsView{Failure: "Nothing was changed. Choose one of the levels."})
	}
	if err := a.LogLevels.SetLevels(r.Context(), a.Keeper.Actor(r), to); err != nil {
		return err
	}
	return a.renderLogLevels(w, r, http.StatusOK, levelsView{Saved: true})
}
