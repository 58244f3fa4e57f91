package site

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/httpkit"
	"roster/internal/lang"
)

// Walker is a Source that can iterate over all records that a query selects.
type Walker interface {
	// Walk calls fn for every record that q selects, ignoring its Offset and Limit,
	// until fn returns an error. Large results are in the order of IDs, small ones
	// in the order of q.
	Walk(ctx context.Context, actor access.Actor, q Query, fn func(Record) error) error
}

// writer writes records in one format. One that is an io.Closer is closed at the end,
// also after an error.
type writer interface {
	begin(columns []Column) error
	write(columns []Column, record Record) error
	end() error
}

// formats has the media types and writers of the export formats.
var formats = map[string]struct {
	mediaType string
	writer    func(io.Writer) writer
	packed    bool // the file is compressed
}{
	"csv":  {"text/csv; charset=utf-8", func(w io.Writer) writer { return &csvWriter{csv.NewWriter(w)} }, false},
	"xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", newXLSXWriter, true},
	"json": {"application/json", func(w io.Writer) writer { return &jsonWriter{w: w} }, false},
}

// export answers GET with a file of all records that the list selects, with the
// columns that it shows. A failure after the first record aborts the connection.
func (s *Site) export(res *Resource, w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	name := httpkit.PathValue(r, "format")
	format, known := formats[name]
	st, ok := parseState(res, r.URL.Query(), s.Zone)
	source, _ := res.Source.(Walker)
	if !known || !ok {
		return fault.New(fault.NotFound, "Not found.")
	}
	if format.packed {
		select {
		case s.workbooks <- struct{}{}:
			defer func() { <-s.workbooks }()
		case <-r.Context().Done():
			return r.Context().Err()
		}
	}
	h := w.Header()
	h.Set("Content-Type", format.mediaType)
	h.Set("Content-Disposition", `attachment; filename="`+res.Model.Name+"-"+s.now().Format("20060102-150405")+"."+name+`"`)
	h.Set("Cache-Control", "no-store")
	sent := &noting{to: w}
	var z *gzip.Writer
	if httpkit.AcceptsGzip(r) && !format.packed {
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
		z = gzip.NewWriter(w)
		sent.to = z
	}
	err := walkInto(sent, format.writer, st.shown(), func(fn func(Record) error) error {
		return source.Walk(r.Context(), actor, st.query(s.Zone), fn)
	})
	if err == nil && z != nil {
		err = z.Close()
	}
	if err != nil && sent.begun {
		s.Door.Log.ErrorContext(r.Context(), "export cut off", "cause", err)
		panic(http.ErrAbortHandler) // a partial file must not look complete
	}
	if err != nil {
		h.Del("Content-Type")
		h.Del("Content-Disposition")
		h.Del("Content-Encoding")
	}
	return err
}

// walkInto writes all records with the columns that the list shows.
func walkInto(w io.Writer, open func(io.Writer) writer, columns []Column, walk func(func(Record) error) error) (err error) {
	buffered := bufio.NewWriterSize(w, 1<<16)
	out := open(buffered)
	if closer, ok := out.(io.Closer); ok {
		defer func() { err = errors.Join(err, closer.Close()) }()
	}
	if err := out.begin(columns); err != nil {
		return err
	}
	if err := walk(func(record Record) error { return out.write(columns, record) }); err != nil {
		return err
	}
	if err := out.end(); err != nil {
		return err
	}
	return buffered.Flush()
}

// noting records whether anything was written.
type noting struct {
	to    io.Writer
	begun bool
}

func (n *noting) Write(p []byte) (int, error) {
	n.begun = true
	return n.to.Write(p)
}

// csvWriter writes CSV (RFC 4180) with a header line.
type csvWriter struct{ out *csv.Writer }

func (c *csvWriter) begin(columns []Column) error {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.Name
	}
	return c.out.Write(names)
}

func (c *csvWriter) write(columns []Column, record Record) error {
	cells := make([]string, len(columns))
	for i, column := range columns {
		cells[i] = csvText(record.Values[column.Name])
	}
	return c.out.Write(cells)
}

func (c *csvWriter) end() error {
	c.out.Flush()
	return c.out.Error()
}

// csvText returns a value as a cell.
func csvText(value any) string {
	switch v := value.(type) {
	case bool:
		if v {
			return "true"
		}
		return "false"
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case int, int64:
		return newCell(lang.English, value, time.UTC).Text // a number, which may be negative
	case string:
		if v != "" {
			return NoFormula(v)
		}
	}
	return NoFormula(newCell(lang.English, value, time.UTC).Text)
}

// NoFormula returns a text for a CSV cell. It puts an apostrophe before text that
// spreadsheets would read as a formula (OWASP, CSV injection).
func NoFormula(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + text
	}
	return text
}

// jsonWriter writes a JSON array with one object per line.
type jsonWriter struct {
	w       io.Writer
	started bool
}

func (j *jsonWriter) begin([]Column) error {
	_, err := io.WriteString(j.w, "[")
	return err
}

func (j *jsonWriter) write(columns []Column, record Record) error {
	var b strings.Builder
	if j.started {
		b.WriteByte(',')
	}
	j.started = true
	b.WriteString("\n{")
	for i, column := range columns {
		if i > 0 {
			b.WriteByte(',')
		}
		value, err := json.Marshal(record.Values[column.Name])
		if err != nil {
			return err
		}
		b.WriteString(`"` + column.Name + `":` + string(value))
	}
	b.WriteByte('}')
	_, err := io.WriteString(j.w, b.String())
	return err
}

func (j *jsonWriter) end() error {
	_, err := io.WriteString(j.w, "\n]\n")
	return err
}
