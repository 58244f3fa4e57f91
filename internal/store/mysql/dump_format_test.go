package mysql_test

import (
	"bytes"
	"database/sql/driver"
	"encoding/binary"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"roster/internal/store/mysql"
)

// dump returns the dump of tables.
func dump(tb testing.TB, tables ...mysql.DumpedTable) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := mysql.WriteDump(&out, tables); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// sample is a dump with every sort of value.
func sample() []mysql.DumpedTable {
	return []mysql.DumpedTable{
		mysql.NewDumpedTable("empty"),
		mysql.NewDumpedTable("some `x`", []driver.Value{"ünïcödé", []byte{0, 0xff}}, []driver.Value{nil, nil}, []driver.Value{"", []byte{}}),
		mysql.NewDumpedTable("large", []driver.Value{strings.Repeat("x", 2<<20), []byte("y")}),
	}
}

func TestDump_RoundTrip(t *testing.T) {
	t.Parallel()
	want := sample()
	whole := dump(t, want...)
	got, err := mysql.ReadDump(iotest.HalfReader(bytes.NewReader(whole)))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %d tables, %v, want what was written", len(got), err)
	}
	small := dump(t, want[:2]...)
	for n := 1; n < len(small); n++ {
		if got, err := mysql.ReadDump(bytes.NewReader(small[:n])); err == nil && len(got) != 1 {
			t.Errorf("%d of %d bytes: got %d tables and no error", n, len(small), len(got))
		}
	}
	if err := mysql.WriteDump(&bytes.Buffer{}, []mysql.DumpedTable{mysql.NewDumpedTable("x", []driver.Value{1.5, nil})}); err == nil {
		t.Error("got no error for a value that cannot be kept exactly")
	}
}

// A length that is made up takes no memory before as many bytes have come.
func TestDump_MadeUpLengths(t *testing.T) { //nolint:paralleltest // it measures what is allocated
	head := dump(t, mysql.NewDumpedTable("a"))
	head = head[:len(head)-1] // without the end of its rows
	for _, length := range []uint64{1<<30 + 1, 1<<30 + 2, 1 << 63, 1<<64 - 1} {
		for _, text := range [][]byte{
			binary.AppendUvarint(nil, length),
			append(binary.AppendUvarint(append(bytes.Clone(head), 1), length), "few"...),
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := mysql.ReadDump(bytes.NewReader(text))
			runtime.ReadMemStats(&after)
			if taken := after.TotalAlloc - before.TotalAlloc; err == nil || taken > 8<<20 {
				t.Errorf("%d: got %v, and %d bytes taken", length, err, taken)
			}
		}
	}
}

// sizeOf returns how many bytes the values of tables have.
func sizeOf(tables []mysql.DumpedTable) (size int) {
	for _, table := range tables {
		for _, value := range slices.Concat(table.Rows...) {
			switch v := value.(type) {
			case string:
				size += len(v)
			case []byte:
				size += len(v)
			}
		}
	}
	return size
}

// FuzzReadDump: whatever a dump has, it is refused or read, and what was read has
// no more than was there, and is the same when it is written and read again.
func FuzzReadDump(f *testing.F) {
	f.Add([]byte{})
	f.Add(dump(f, sample()[:2]...))
	f.Add(dump(f, sample()[:1]...)[:20])
	f.Add([]byte("\x19{\"name\":\"a\",\"create\":\"b\"}\x01\x01\x00"))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, text []byte) {
		tables, err := mysql.ReadDump(bytes.NewReader(text))
		if size := sizeOf(tables); size > len(text) {
			t.Errorf("got %d bytes of values from %d", size, len(text))
		}
		if err != nil {
			return
		}
		written := dump(t, tables...)
		again, err := mysql.ReadDump(bytes.NewReader(written))
		if err != nil || !bytes.Equal(dump(t, again...), written) {
			t.Errorf("got %v, %v, want %v", again, err, tables)
		}
	})
}
