package logging

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/DeRuina/timberjack"
)

// fileMode lets only the owner read the files: the log names people.
const fileMode = 0o600

// reportEvery is the least time between two reports that a file fails.
const reportEvery = time.Minute

// open makes the directory and the file, or takes it over, and returns its
// rotating writer.
func open(o Options, name string) (*sink, error) {
	if err := os.MkdirAll(o.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("the log directory cannot be made: %w", err)
	}
	path := filepath.Join(o.Dir, name)
	if err := prepare(path); err != nil {
		return nil, err
	}
	return &sink{name: path, w: &rotating{&timberjack.Logger{
		Filename: path, FileMode: fileMode, MaxSize: orTen(o.MaxSize), MaxBackups: orTen(o.MaxBackups), Compression: "none",
	}}}, nil
}

// rotating is a rotating file. It writes nothing while a symbolic link is in the place
// of its file: the next write may open or rotate it, and would follow the link.
type rotating struct{ *timberjack.Logger }

// Write implements io.Writer.
func (r *rotating) Write(p []byte) (int, error) {
	if err := checkLink(r.Filename); err != nil {
		return 0, err
	}
	return r.Logger.Write(p)
}

// checkLink returns an error for a symbolic link: it could lead to a file that is not
// a log.
func checkLink(path string) error {
	if found, err := os.Lstat(path); err == nil && found.Mode()&os.ModeSymlink != 0 {
		return fmt.Errorf("the log file %s is a symbolic link, which is not followed", path)
	}
	return nil
}

// prepare makes the file if it is missing, and private. A symbolic link is refused.
func prepare(path string) error {
	if err := checkLink(path); err != nil {
		return err
	}
	found, _ := os.Lstat(path) // nil: it is missing
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, fileMode)
	if err != nil {
		return fmt.Errorf("the log file cannot be written: %w", err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	if opened, err := f.Stat(); err != nil || found != nil && !os.SameFile(found, opened) {
		return fmt.Errorf("the log file %s was replaced while it was opened", path)
	}
	if err := f.Chmod(fileMode); err != nil {
		return fmt.Errorf("the log file cannot be made private: %w", err)
	}
	return nil
}

func orTen(n int) int {
	if n == 0 {
		return 10
	}
	return n
}

// sink is one place that lines are written to. The goroutine of its outlet alone
// uses it.
type sink struct {
	name     string
	w        io.WriteCloser
	severe   bool // takes severe lines alone
	torn     bool // the last line written is not whole
	missing  int  // bytes not written since the last report
	reported time.Time
	failing  bool // and reported as such
}

// write writes lines as far as it can. It returns how many were lost and what is
// to be reported about that, mostly nothing. A sink that failed is tried again
// each time.
func (s *sink) write(lines []byte) (lost int, notice string) {
	if s.torn {
		lines = append([]byte("\n"), lines...)
	}
	n, err := writeParts(s.w, lines)
	if n > 0 {
		s.torn = lines[n-1] != '\n'
	}
	s.missing += len(lines) - n
	return bytes.Count(lines[n:], []byte("\n")), s.judge(err, time.Now())
}

// judge turns the outcome of a write into a notice: one when the sink begins
// to fail, one a minute while it does, and one when it works again.
func (s *sink) judge(err error, now time.Time) string {
	switch {
	case err == nil && s.failing:
		notice := fmt.Sprintf("log file is written again; %d bytes were lost", s.missing)
		s.failing, s.missing = false, 0
		return notice
	case err == nil || !s.reported.IsZero() && now.Sub(s.reported) < reportEvery:
		return ""
	default:
		s.failing, s.reported = true, now
		return "log file cannot be written: " + err.Error()
	}
}

// writeParts writes lines in parts of at most 1 MiB, since a rotating writer
// refuses a write larger than a whole file. A part ends with a line where it can.
func writeParts(w io.Writer, lines []byte) (written int, err error) {
	const most = 1 << 20
	for err == nil && written < len(lines) {
		part := lines[written:]
		if len(part) > most {
			part = part[:most]
			if end := bytes.LastIndexByte(part, '\n'); end >= 0 {
				part = part[:end+1]
			}
		}
		var n int
		n, err = w.Write(part)
		written += n
	}
	return written, err
}
