package logging

import "io"

// NewWith is New with writers in place of the files.
func NewWith(o Options, app, severe io.WriteCloser) *Logs {
	return start(o, &sink{name: "app.log", w: app}, &sink{name: "error.log", w: severe, severe: true})
}
