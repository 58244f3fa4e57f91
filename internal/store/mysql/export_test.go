package mysql

import (
	"bufio"
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"time"
)

// What the tests look into.
var (
	FaultOf      = faultOf
	IsRepeatable = isRepeatable
	IsAway       = isAway
	Lifetime     = lifetime
	CheckVersion = checkVersion
	JudgeEffects = judgeEffects
	AwaitServer  = awaitServer
)

// RefusalAt is Refusal of a database that was not opened.
func RefusalAt(o Options, err error) error {
	return (&Engine{server: server{options: o.withDefaults()}}).Refusal(err)
}

// WithMaxPacket returns options with that limit of statements, in bytes.
func WithMaxPacket(o Options, n int) Options {
	o.maxPacket = n
	return o
}

// Trim gives up connections as if it were time, and returns how many are open
// before and after.
func Trim(e *Engine) (before, after int) {
	before = e.db.Stats().OpenConnections
	e.trim()
	return before, e.db.Stats().OpenConnections
}

// SharedCount is sharedCount.
type SharedCount = sharedCount

// Wait is wait.
func (s *SharedCount) Wait(ctx context.Context, take func() (int64, error)) (int64, error) {
	return s.wait(ctx, take)
}

// DumpedTable is a table of a dump, with its rows.
type DumpedTable struct {
	dumpTable

	Rows [][]driver.Value
}

// ReadDump reads a dump as a restore does, to its end or as far as it is one.
func ReadDump(in io.Reader) (tables []DumpedTable, err error) {
	dump := &dumpReader{bufio.NewReader(in)}
	for {
		table, err := dump.table()
		if errors.Is(err, io.EOF) {
			return tables, nil
		}
		if err != nil {
			return tables, err
		}
		all, width := DumpedTable{dumpTable: table}, len(table.Columns)
		for more := true; more; {
			var values []driver.Value
			if values, more, err = dump.batch(table.Columns, max(1, insertMarks/max(1, width))); err != nil {
				return append(tables, all), err
			}
			for ; width > 0 && len(values) > 0; values = values[width:] {
				all.Rows = append(all.Rows, values[:width])
			}
		}
		tables = append(tables, all)
	}
}

// WriteDump writes a dump.
func WriteDump(out io.Writer, tables []DumpedTable) error {
	w := &dumpWriter{out: bufio.NewWriter(out)}
	for _, table := range tables {
		if err := w.table(table.dumpTable); err != nil {
			return err
		}
		for _, row := range table.Rows {
			if err := w.row(row); err != nil {
				return err
			}
		}
		if err := w.end(); err != nil {
			return err
		}
	}
	return w.out.Flush()
}

// NewDumpedTable returns a table with a column of text and one of bytes.
func NewDumpedTable(name string, rows ...[]driver.Value) DumpedTable {
	columns := []dumpColumn{{Name: "text", Text: true}, {Name: "bytes"}}
	return DumpedTable{dumpTable{Name: name, Create: "CREATE TABLE " + tableMark, Columns: columns}, rows}
}

// UnknownOutcome wraps the error of a COMMIT.
func UnknownOutcome(err error) error { return outcomeError{err} }

// WithLag sets how much the replicas may lag, and has them checked often.
func WithLag(o Options, maxLag, checkTimeout time.Duration) Options {
	o.maxLag, o.checkEvery, o.checkTimeout = maxLag, 20*time.Millisecond, checkTimeout
	return o
}
