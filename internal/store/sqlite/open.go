package sqlite

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"roster/internal/fault"
	"roster/internal/store/sqldb"
)

// Options configure the database.
type Options struct {
	Path    string       // path of the file, created if missing
	Readers int          // number of concurrent queries; 0 for GOMAXPROCS
	Logger  *slog.Logger // nil for none
	// Wrap is called with every connection that is opened; nil for none. Tests
	// let statements fail with it.
	Wrap func(driver.Conn) driver.Conn

	sqldb.Observers
}

// Engine is an open SQLite file. It is safe for concurrent use, also by
// several processes.
type Engine struct {
	path     string
	file     os.FileInfo // of path at the time of opening
	log      sqldb.Journal
	wrap     func(driver.Conn) driver.Conn
	conns    []*conn // all, in opening order
	readers  chan *conn
	counting chan struct{} // holds a token during a count
	versions *versions
	writer   *writer
	waiting  atomic.Int64     // unanswered calls of Write
	migrate  driver.Connector // opens connections for the migrations
	closing  chan struct{}
	once     sync.Once
	closed   error
}

// Open opens the file, and creates it, readable only by its owner, if it is
// missing. It returns an error that names the file and the setting DB_NAME if
// the file is not a SQLite database or cannot be written. It creates no tables:
// see Migrate.
func Open(o Options) (*Engine, error) {
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, fmt.Errorf("DB_NAME: %w", err)
	}
	exists, err := checkFile(path)
	if err == nil && !exists {
		err = makeFile(path)
	}
	if err != nil {
		return nil, err
	}
	if o.Readers < 1 {
		o.Readers = runtime.GOMAXPROCS(0)
	}
	if o.Wrap == nil {
		o.Wrap = func(c driver.Conn) driver.Conn { return c }
	}
	s := &Engine{
		path:     path,
		wrap:     o.Wrap,
		migrate:  connector{path},
		log:      sqldb.NewJournal(o.Logger, o.Observers),
		readers:  make(chan *conn, o.Readers),
		counting: make(chan struct{}, 1),
		closing:  make(chan struct{}),
	}
	if err := s.connect(); err != nil {
		return nil, sqldb.FirstError(openFault(path, err), s.disconnect())
	}
	go s.writer.run()
	return s, nil
}

// Close waits for running calls, then closes the file. Waiting and later calls
// return an error of kind Unavailable. It may be called repeatedly.
func (s *Engine) Close() error {
	s.once.Do(func() {
		close(s.closing)
		<-s.writer.done
		for range cap(s.readers) {
			<-s.readers
		}
		s.versions.stop()
		s.closed = s.disconnect()
	})
	return s.closed
}

// connect opens all connections, the writer's first, which creates what the
// others need.
func (s *Engine) connect() error {
	writer, err := s.open(writing)
	if err != nil {
		return err
	}
	if err := checkWritable(writer); err != nil {
		return err
	}
	if s.file, err = os.Stat(s.path); err != nil {
		return err
	}
	watcher, err := s.open(reading)
	if err != nil {
		return err
	}
	for range cap(s.readers) {
		reader, err := s.open(reading)
		if err != nil {
			return err
		}
		s.readers <- reader
	}
	s.versions, err = newVersions(watcher)
	s.writer = newWriter(s, writer)
	return err
}

func (s *Engine) open(settings []setting) (*conn, error) {
	c, err := newConn(s.path, settings)
	if err == nil {
		c.raw = s.wrap(c.raw)
		s.conns = append(s.conns, c)
	}
	return c, err
}

// disconnect closes all connections, the writer's last, which moves the
// write-ahead log into the file.
func (s *Engine) disconnect() (err error) {
	for _, c := range slices.Backward(s.conns) {
		err = sqldb.FirstError(err, c.close())
	}
	return err
}

// checkWritable writes and rolls back: BEGIN alone succeeds on a read-only
// file. A lock held by another program is not an error.
func checkWritable(c *conn) error {
	if _, err := c.Exec("BEGIN IMMEDIATE"); isBusy(err) {
		return nil
	} else if err != nil {
		return err
	}
	_, err := c.text("PRAGMA user_version=0")
	_, rollbackErr := c.Exec("ROLLBACK")
	return sqldb.FirstError(err, rollbackErr)
}

// checkFile validates the file without opening it, and reports whether it
// exists. Opening and closing it would drop the locks of this process
// (https://www.sqlite.org/howtocorrupt.html).
func checkFile(path string) (exists bool, err error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return true, fmt.Errorf("DB_NAME: %s is a directory, not a file", path)
	case err == nil && !info.Mode().IsRegular():
		return true, fmt.Errorf("DB_NAME: %s is not a regular file", path)
	case err == nil:
		return true, nil
	case !errors.Is(err, fs.ErrNotExist):
		return false, fmt.Errorf("DB_NAME: cannot open %s: %w", path, errors.Unwrap(err))
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return false, fmt.Errorf("DB_NAME: cannot create %s: its directory does not exist or is not accessible", path)
	}
	return false, nil
}

// makeFile creates an empty file that only its owner can access, unless another
// process was faster.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("DB_NAME: cannot create %s: %w", path, errors.Unwrap(err))
	}
	return sqldb.FirstError(f.Close(), initialize(path))
}

// InPlace returns an error if the file is no longer the one that was opened.
// SQLite would keep writing to an unlinked file.
func (s *Engine) InPlace() error {
	now, err := os.Stat(s.path)
	if err == nil && os.SameFile(now, s.file) {
		return nil
	}
	cause := fmt.Errorf("%s was removed or replaced while it was open; put it back, or restart", s.path)
	return fault.Wrap(fault.Unavailable, "The database is not available.", cause)
}

// Journal logs what the database finds.
func (s *Engine) Journal() sqldb.Journal { return s.log }

// Refusal returns an error that names the setting and why the file cannot be
// used.
func (s *Engine) Refusal(err error) error { return openFault(s.path, err) }

// openFault describes what is wrong with the file.
func openFault(path string, err error) error {
	switch primaryCode(err) {
	case codeNotADB:
		return fmt.Errorf("DB_NAME: %s is not a SQLite database", path)
	case codeReadOnly, codeCannotOpen:
		return fmt.Errorf("DB_NAME: cannot write %s; the file and its directory must be writable: %w", path, err)
	case codeBusy:
		return fmt.Errorf("DB_NAME: %s is locked by another program: %w", path, err)
	}
	return fmt.Errorf("DB_NAME: cannot open %s: %w", path, err)
}
