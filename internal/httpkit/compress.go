package httpkit

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io"
	"net/http"
	"sync"
)

// MinCompressed is the smallest size in bytes that is worth compressing: less fits
// into one packet anyway.
const MinCompressed = 1024

// AcceptsGzip reports whether the client of a request accepts gzip.
func AcceptsGzip(r *http.Request) bool {
	header, given := r.Header["Accept-Encoding"]
	return given && acceptsGzip(header[0])
}

// packers reuses gzip writers, which are large.
var packers = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}

// Gzip returns the gzip form of a response (RFC 1952).
func Gzip(body []byte) []byte {
	var buf bytes.Buffer
	z, _ := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(&buf)
	// Writing to memory does not fail.
	_, _ = z.Write(body)
	_ = z.Close()
	return buf.Bytes()
}

var deflaters = sync.Pool{New: func() any {
	z, err := flate.NewWriter(io.Discard, flate.DefaultCompression)
	if err != nil {
		panic(err) // the level is valid
	}
	return z
}}

// Packed is a compressed part of responses. It is immutable.
type Packed struct {
	plain []byte
	flate []byte // RFC 1951, up to a byte boundary and without a last block
}

// Pack compresses a part of responses. It keeps plain.
func Pack(plain []byte) *Packed {
	var buf bytes.Buffer
	z, _ := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(z)
	z.Reset(&buf)
	// Writing to memory does not fail.
	_, _ = z.Write(plain)
	_ = z.Flush()
	return &Packed{plain, bytes.Clone(buf.Bytes())}
}

// Size returns about how many bytes it takes beside plain.
func (p *Packed) Size() int { return len(p.flate) }

// maxStored is the maximum length of a block that is stored without compression.
const maxStored = 1<<16 - 1

// Around returns the gzip form of before, the part and after, without compressing
// the part again. before and after are stored as they are.
func (p *Packed) Around(before, after []byte) []byte {
	b := make([]byte, 0, len(before)+len(p.flate)+len(after)+64)
	b = append(b, 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255)
	b = appendStored(b, before, false)
	b = append(b, p.flate...)
	b = appendStored(b, after, true)
	sum := crc32.ChecksumIEEE(before)
	sum = crc32.Update(sum, crc32.IEEETable, p.plain)
	sum = crc32.Update(sum, crc32.IEEETable, after)
	b = binary.LittleEndian.AppendUint32(b, sum)
	return binary.LittleEndian.AppendUint32(b, uint32(len(before)+len(p.plain)+len(after))) //nolint:gosec // modulo 2^32 (RFC 1952)
}

// appendStored appends blocks without compression (RFC 1951, 3.2.4).
func appendStored(b, data []byte, last bool) []byte {
	for first := true; first || len(data) > 0; first = false {
		n := min(len(data), maxStored)
		final := byte(0)
		if last && n == len(data) {
			final = 1
		}
		b = append(b, final)
		b = binary.LittleEndian.AppendUint16(b, uint16(n))
		b = binary.LittleEndian.AppendUint16(b, ^uint16(n))
		b, data = append(b, data[:n]...), data[n:]
	}
	return b
}
