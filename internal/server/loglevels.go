package server

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"roster/internal/access"
	"roster/internal/admin"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/config"
	"roster/internal/logging"
	"roster/internal/store"
)

// logLevels implements admin.LogLevels for this process.
type logLevels struct {
	logs *logging.Logs
	db   *store.Store
	log  *slog.Logger
}

// Names returns the names of the levels.
func (l logLevels) Names() []string { return config.LevelNames() }

// Levels returns the levels as they are now.
func (l logLevels) Levels() admin.LevelSet {
	level, levels, components := l.logs.Levels()
	s := admin.LevelSet{Process: ProcessName(), Level: config.Level(level).Name(), Components: map[string]string{}}
	for _, component := range components {
		s.Components[component] = ""
		if own, ok := levels[component]; ok {
			s.Components[component] = config.Level(own).Name()
		}
	}
	return s
}

// SetLevels records the change in the audit trail, and makes it.
func (l logLevels) SetLevels(ctx context.Context, actor access.Actor, to admin.LevelSet) error {
	if err := actor.Check(access.Superuser); err != nil {
		return err
	}
	changes := levelChanges(l.Levels(), to)
	if len(changes) == 0 {
		return nil
	}
	object := audit.Object{Type: "server", Name: to.Process}
	err := l.db.InAuthTx(ctx, func(tx auth.Tx) error {
		return tx.Record(audit.NewEntry(time.Now().UTC().Truncate(time.Microsecond), actor, audit.Update, object, changes))
	})
	if err != nil {
		return err
	}
	levels := map[string]slog.Level{}
	for component, name := range to.Components {
		if name != "" {
			levels[component] = levelNamed(name)
		}
	}
	l.logs.SetLevels(levelNamed(to.Level), levels)
	l.log.InfoContext(ctx, "log levels were changed", "level", to.Level, "levels", levels, "actor", actor.Name())
	return nil
}

func levelNamed(name string) slog.Level {
	var level config.Level
	_ = level.UnmarshalText([]byte(name)) // one of Names
	return level.Level()
}

// levelChanges returns the levels that differ, in the order of the form.
func levelChanges(from, to admin.LevelSet) (changes []audit.Change) {
	add := func(field, before, after string) {
		if before != after {
			changes = append(changes, audit.Change{Field: field, Old: before, New: after})
		}
	}
	add("LOG_LEVEL", from.Level, to.Level)
	for _, component := range slices.Sorted(maps.Keys(from.Components)) {
		add("LOG_LEVELS "+component, from.Components[component], to.Components[component])
	}
	return changes
}
