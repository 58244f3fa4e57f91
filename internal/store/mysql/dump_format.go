package mysql

import (
	"bufio"
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A dump is a sequence of tables. Each is a length and the table as JSON,
// followed by its rows: for each a byte 1 and its values, and a byte 0 at the
// end. A value is 0 for NULL, or its length plus one and its bytes. Numbers are
// varints.

// The limits of the reader, which prevent a forged file from exhausting memory.
// Values are limited like MySQL packets.
const (
	maxTableText = 4 << 20
	maxValue     = 1 << 30
)

// dumpTable is a table in a dump.
type dumpTable struct {
	Name        string       `json:"name"`
	Create      string       `json:"create"`                // CREATE statement, with the name tableMark
	Constraints []string     `json:"constraints,omitempty"` // clauses for ALTER TABLE ADD
	Columns     []dumpColumn `json:"columns"`               // those with stored values
}

// dumpColumn is a column in a dump.
type dumpColumn struct {
	Name string `json:"name"`
	Text bool   `json:"text"` // values are UTF-8 text rather than bytes
}

// dumpWriter writes a dump.
type dumpWriter struct {
	out   *bufio.Writer
	space []byte
}

func (w *dumpWriter) table(t dumpTable) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	w.space = binary.AppendUvarint(w.space[:0], uint64(len(text)))
	_, _ = w.out.Write(w.space) // the error is sticky
	_, err = w.out.Write(text)
	return err
}

func (w *dumpWriter) row(values []driver.Value) error {
	_ = w.out.WriteByte(1) // the error is sticky
	for _, value := range values {
		text, isNull, err := bytesOf(value)
		if err != nil {
			return err
		}
		length := uint64(len(text)) + 1
		if isNull {
			length = 0
		}
		w.space = binary.AppendUvarint(w.space[:0], length)
		_, _ = w.out.Write(w.space)
		if _, err := w.out.Write(text); err != nil {
			return err
		}
	}
	return nil
}

func (w *dumpWriter) end() error { return w.out.WriteByte(0) }

// bytesOf returns a value as formatted by the server.
func bytesOf(value driver.Value) (text []byte, isNull bool, err error) {
	switch v := value.(type) {
	case nil:
		return nil, true, nil
	case []byte:
		return v, false, nil
	case string:
		return []byte(v), false, nil
	case int64, uint64:
		return fmt.Append(nil, v), false, nil
	}
	return nil, false, fmt.Errorf("a value of type %T is not supported", value)
}

// dumpReader reads a dump.
type dumpReader struct{ in *bufio.Reader }

// table reads the next table, or returns io.EOF.
func (r *dumpReader) table() (t dumpTable, err error) {
	if _, err := r.in.Peek(1); err != nil {
		return t, err
	}
	text, err := r.bytes(maxTableText)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(text, &t); err != nil {
		return t, fmt.Errorf("a table of the dump: %w", err)
	}
	if t.Name == "" || t.Create == "" {
		return t, errors.New("a table of the dump has no name")
	}
	return t, nil
}

// row reads the next row into values, strings for text columns and bytes for
// others; more is false at the end.
func (r *dumpReader) row(columns []dumpColumn, values []driver.Value) (size int, more bool, err error) {
	mark, err := r.in.ReadByte()
	if err != nil {
		return 0, false, noEOF(err)
	}
	if mark != 1 {
		if mark != 0 {
			err = errors.New("the dump lacks a row")
		}
		return 0, false, err
	}
	for i, column := range columns {
		length, err := binary.ReadUvarint(r.in)
		if err != nil {
			return size, false, noEOF(err)
		}
		values[i] = nil
		if length == 0 {
			continue
		}
		text, err := r.read(length-1, maxValue)
		if err != nil {
			return size, false, err
		}
		values[i] = text
		if column.Text {
			values[i] = string(text)
		}
		size += len(text)
	}
	return size, true, nil
}

// bytes reads a length and that many bytes.
func (r *dumpReader) bytes(most uint64) ([]byte, error) {
	length, err := binary.ReadUvarint(r.in)
	if err != nil {
		return nil, noEOF(err)
	}
	return r.read(length, most)
}

// read reads that many bytes. It allocates memory as they arrive.
func (r *dumpReader) read(length, most uint64) ([]byte, error) {
	if length > most {
		return nil, fmt.Errorf("a value of the dump has %d bytes, more than %d", length, most)
	}
	const atOnce = 1 << 20
	text := make([]byte, 0, min(length, atOnce))
	for uint64(len(text)) < length {
		begin := len(text)
		text = append(text, make([]byte, min(length-uint64(begin), atOnce))...)
		if _, err := io.ReadFull(r.in, text[begin:]); err != nil {
			return nil, noEOF(err)
		}
	}
	return text, nil
}

// noEOF returns an error for a premature end of input.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
