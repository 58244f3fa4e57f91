package site

import (
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// xlsxWriter writes an Office Open XML workbook. It has a second sheet for records
// that do not fit into the first, and so on. Texts longer than a cell can be are cut,
// and end with cutMark. Rows beyond 16 MiB go to a temporary file, because the workbook
// is written at the end.
type xlsxWriter struct {
	to     io.Writer
	book   *excelize.File
	stream *excelize.StreamWriter
	heads  []any
	sheets int
	rows   int // of the last sheet
	most   int // of a sheet, with the header
}

// cutMark is the end of a text that was cut.
const cutMark = " … (cut)"

func newXLSXWriter(w io.Writer) writer { return &xlsxWriter{to: w, most: excelize.TotalRows} }

func (x *xlsxWriter) begin(columns []Column) error {
	x.book = excelize.NewFile() // with Sheet1
	for _, column := range columns {
		x.heads = append(x.heads, column.Name)
	}
	return x.beginSheet()
}

func (x *xlsxWriter) beginSheet() (err error) {
	x.sheets, x.rows = x.sheets+1, 0
	name := "Sheet" + strconv.Itoa(x.sheets)
	if x.sheets > 1 {
		if _, err := x.book.NewSheet(name); err != nil {
			return err
		}
	}
	if x.stream, err = x.book.NewStreamWriter(name); err != nil {
		return err
	}
	return x.add(x.heads)
}

func (x *xlsxWriter) write(columns []Column, record Record) error {
	if x.rows == x.most {
		if err := x.stream.Flush(); err != nil {
			return err
		}
		if err := x.beginSheet(); err != nil {
			return err
		}
	}
	cells := make([]any, len(columns))
	for i, column := range columns {
		switch v := record.Values[column.Name].(type) {
		case bool, int, int64:
			cells[i] = v
		default:
			cells[i] = fitting(csvText(v))
		}
	}
	return x.add(cells)
}

// fitting returns a text that a cell can hold.
func fitting(text string) string {
	runes := []rune(text)
	if len(runes) <= excelize.TotalCellChars {
		return text
	}
	return string(runes[:excelize.TotalCellChars-len([]rune(cutMark))]) + cutMark
}

// add adds a row.
func (x *xlsxWriter) add(cells []any) error {
	x.rows++
	at, err := excelize.CoordinatesToCellName(1, x.rows)
	if err != nil {
		return err
	}
	return x.stream.SetRow(at, cells)
}

func (x *xlsxWriter) end() error {
	if err := x.stream.Flush(); err != nil {
		return err
	}
	return x.book.Write(x.to)
}

// Close removes the temporary file.
func (x *xlsxWriter) Close() error {
	if x.book == nil {
		return nil
	}
	return x.book.Close()
}
