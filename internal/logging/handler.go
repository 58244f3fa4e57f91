package logging

import (
	"context"
	"io"
	"log/slog"
	"time"
)

// handler encodes records into the spool: what is severe through an encoder of
// its own, because a writer does not know the level.
type handler struct {
	level          *slog.LevelVar
	normal, severe slog.Handler
	spool          *spool
	context        func(context.Context) (slog.Attr, bool)
}

// encoder returns the standard library's handler of that format.
func encoder(format string, w io.Writer) slog.Handler {
	if format == FormatJSON {
		return slog.NewJSONHandler(w, nil)
	}
	return slog.NewTextHandler(w, nil)
}

// Enabled reports whether records of that level are logged.
func (h handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level.Level() }

// Handle encodes the record without its time: the spool writes the time, so
// that the lines of a file are in its order.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	r.Time = time.Time{}
	if h.context != nil {
		if attr, ok := h.context(ctx); ok {
			r.AddAttrs(attr)
		}
	}
	if r.Level < slog.LevelError {
		return h.normal.Handle(ctx, r)
	}
	err := h.severe.Handle(ctx, r)
	h.spool.flush()
	return err
}

// WithAttrs returns a handler that adds the attributes to each record.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.normal, h.severe = h.normal.WithAttrs(attrs), h.severe.WithAttrs(attrs)
	return h
}

// WithGroup returns a handler that puts the attributes of records in a group.
func (h handler) WithGroup(name string) slog.Handler {
	h.normal, h.severe = h.normal.WithGroup(name), h.severe.WithGroup(name)
	return h
}
