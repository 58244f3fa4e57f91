// Package logging writes the log: to the console, to app.log, and from ERROR
// upwards to error.log as well. Each record is encoded once, with the time in
// UTC and microseconds. A goroutine for each of these outlets writes; the caller
// only appends to bounded buffers, and waits for room in a full one. A record
// from ERROR upwards has been handed to the console and the files when the call
// that logs it returns.
//
// No caller waits for an outlet that stalls, that is, one that has not taken a
// write for five seconds: a pipe that is not read, a disk that hangs. Its lines
// are dropped once its buffer (1 MiB) is full. They are counted, and the count is
// logged where they would be when the outlet takes lines again.
package logging

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
)

// The formats of records.
const (
	FormatText = "text"
	FormatJSON = "json"
)

// Options says where the log goes and what it holds.
type Options struct {
	Dir     string                // of app.log and error.log, made when missing (mode 0750); empty: no files
	Format  string                // FormatText or FormatJSON; empty: FormatText
	Level   slog.Level            // the least level that is logged; the zero value is INFO
	Levels  map[string]slog.Level // by component, in place of Level
	Console io.Writer             // gets every record; nil: none
	// Context gives the attribute that a context adds to the records logged
	// with it, such as the id of a request; nil: none.
	Context    func(context.Context) (slog.Attr, bool)
	MaxSize    int // of a file before it is rotated, in MiB; 0: 10
	MaxBackups int // rotated files kept of each; 0: 10
}

// Logs is the log of a process. Two processes must not share a directory. Its
// methods may be called concurrently.
type Logs struct {
	root  handler
	spool *spool
	once  sync.Once
	err   error

	mu         sync.Mutex
	level      slog.Level
	levels     map[string]slog.Level
	components map[string]*slog.LevelVar // the level of each component that has a logger
}

// New opens the files and starts to write. The error names the directory or
// the file that cannot be used, or the unknown format. Close ends it.
func New(o Options) (*Logs, error) {
	if o.Format == "" {
		o.Format = FormatText
	}
	if o.Format != FormatText && o.Format != FormatJSON {
		return nil, fmt.Errorf("log format %q is neither text nor json", o.Format)
	}
	if o.Dir == "" {
		return start(o), nil
	}
	app, appErr := open(o, "app.log")
	severe, severeErr := open(o, "error.log")
	if err := errors.Join(appErr, severeErr); err != nil {
		return nil, err
	}
	severe.severe = true
	return start(o, app, severe), nil
}

// start returns Logs that write to the console and the files.
func start(o Options, files ...*sink) *Logs {
	s := newSpool(o, files)
	return &Logs{level: o.Level, levels: o.Levels, components: map[string]*slog.LevelVar{}, spool: s, root: handler{
		normal: encoder(o.Format, spoolWriter{s, false}),
		severe: encoder(o.Format, spoolWriter{s, true}),
		spool:  s,

		context: o.Context,
	}}
}

// For returns the logger of a component, whose records carry its name and
// whose level is the component's. An empty name gives a logger without either.
func (l *Logs) For(component string) *slog.Logger {
	h := l.root
	h.level = l.levelOf(component)
	if component == "" {
		return slog.New(h)
	}
	return slog.New(h.WithAttrs([]slog.Attr{slog.String("component", component)}))
}

// levelOf returns the level of a component, which SetLevels changes.
func (l *Logs) levelOf(component string) *slog.LevelVar {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.components[component]
	if v == nil {
		v = &slog.LevelVar{}
		l.components[component] = v
		l.set(component, v)
	}
	return v
}

func (l *Logs) set(component string, v *slog.LevelVar) {
	v.Set(l.level)
	if level, ok := l.levels[component]; ok {
		v.Set(level)
	}
}

// SetLevels replaces Level and Levels of the options, also for the loggers that For
// has returned.
func (l *Logs) SetLevels(level slog.Level, levels map[string]slog.Level) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.level, l.levels = level, maps.Clone(levels)
	for component, v := range l.components {
		l.set(component, v)
	}
}

// Levels returns Level and Levels of the options or of the last SetLevels, and the
// names of the components that have a logger or a level, in order.
func (l *Logs) Levels() (level slog.Level, levels map[string]slog.Level, components []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	named := map[string]bool{}
	for component := range l.components {
		named[component] = component != ""
	}
	for component := range l.levels {
		named[component] = true
	}
	maps.DeleteFunc(named, func(_ string, shown bool) bool { return !shown })
	return l.level, maps.Clone(l.levels), slices.Sorted(maps.Keys(named))
}

// Flush returns when everything logged before the call has been handed to the
// console and the files, or has been given up because they fail or stall.
func (l *Logs) Flush() { l.spool.flush() }

// Lost returns the number of lines lost so far by each outlet: the console and
// the files, by their names without the directory.
func (l *Logs) Lost() map[string]uint64 { return l.spool.lost() }

// Close flushes, stops the goroutines and closes the files. Records that come
// later go to the console alone. An outlet that stalls is left as it is; for a
// file that is an error. Calling it again returns the same error.
func (l *Logs) Close() error {
	l.once.Do(func() { l.err = l.spool.close() })
	return l.err
}
