package backup

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// Writer writes a backup. It is not safe for concurrent use.
type Writer struct {
	sum       *checksum
	buffer    []byte // incomplete chunk
	zip       *zstd.Encoder
	encrypted io.Closer // nil if not encrypted
}

// NewWriter writes the head to out and returns a writer for the content, which
// is encrypted unless the key is empty. Call Close to complete the file.
func NewWriter(out io.Writer, h Header, key Key) (*Writer, error) {
	h = h.Sealed(key)
	head, err := h.head()
	if err != nil {
		return nil, err
	}
	if _, err := out.Write(head); err != nil {
		return nil, err
	}
	w := &Writer{sum: newChecksum(head), buffer: make([]byte, 0, chunkSize)}
	if h.Encrypted() {
		sealed, err := encrypt(out, key)
		if err != nil {
			return nil, err
		}
		out, w.encrypted = sealed, sealed
	}
	w.zip, err = zstd.NewWriter(out, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	return w, err
}

func encrypt(out io.Writer, key Key) (io.WriteCloser, error) {
	recipient, err := age.NewScryptRecipient(key.Reveal())
	if err != nil {
		return nil, err
	}
	recipient.SetWorkFactor(workFactor)
	return age.Encrypt(out, recipient)
}

// Write appends content.
func (w *Writer) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		part := p[:min(len(p), chunkSize-len(w.buffer))]
		w.buffer = append(w.buffer, part...)
		p, n = p[len(part):], n+len(part)
		if len(w.buffer) == chunkSize {
			if err := w.flush(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

func (w *Writer) flush() error {
	if len(w.buffer) == 0 {
		return nil
	}
	w.sum.add(w.buffer)
	err := w.frame(w.buffer)
	w.buffer = w.buffer[:0]
	return err
}

// frame writes the length of text, then text.
func (w *Writer) frame(text []byte) error {
	length := binary.BigEndian.AppendUint32(nil, uint32(len(text))) //nolint:gosec // at most maxHeader
	if _, err := w.zip.Write(length); err != nil {
		return err
	}
	_, err := w.zip.Write(text)
	return err
}

// Close completes the file with a summary that includes the given rows. It does
// not close the underlying writer. A file without Close is incomplete.
func (w *Writer) Close(rows map[string]int64) (Summary, error) {
	if err := w.flush(); err != nil {
		return Summary{}, err
	}
	s := Summary{Bytes: w.sum.bytes, Digest: w.sum.digest(), Rows: rows}
	text, err := json.Marshal(s)
	if err != nil {
		return s, err
	}
	if len(text) > maxHeader {
		return s, errors.New("there are too many tables")
	}
	err = errors.Join(w.frame(nil), w.frame(text), w.zip.Close())
	if w.encrypted != nil {
		err = errors.Join(err, w.encrypted.Close())
	}
	return s, err
}
