package backup

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// Reader reads a backup. It is not safe for concurrent use.
type Reader struct {
	Header Header

	sum     *checksum
	zip     *zstd.Decoder
	under   *bufio.Reader // input of the decompression
	chunk   []byte        // unread rest
	summary Summary
	err     error // io.EOF once the file was verified
}

// NewReader reads the head of a backup. Errors are those of this package or of
// in. Call Close when done.
func NewReader(in io.Reader, key Key) (*Reader, error) {
	plain := bufio.NewReader(in)
	head, h, err := readHead(plain)
	if err != nil {
		return nil, err
	}
	r := &Reader{Header: h, sum: newChecksum(head), under: plain}
	if h.Encrypted() {
		opened, err := decrypt(plain, h, key)
		if err != nil {
			return nil, err
		}
		r.under = bufio.NewReader(opened)
	}
	r.zip, err = zstd.NewReader(r.under, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	return r, err
}

// ReadHeader reads a file's header without verifying it.
func ReadHeader(in io.Reader) (Header, error) {
	_, h, err := readHead(bufio.NewReader(in))
	return h, err
}

// readHead reads the first two lines of a file.
func readHead(in *bufio.Reader) (head []byte, h Header, err error) {
	first, err := readLine(in, len(magic)+20)
	number, ok := strings.CutPrefix(string(first), magic)
	if err != nil || !ok {
		return nil, h, notBackup(err)
	}
	version, err := strconv.Atoi(strings.TrimSuffix(number, "\n"))
	switch {
	case err != nil || version < 1:
		return nil, h, ErrNotBackup
	case version > Format:
		return nil, h, ErrNewer
	}
	second, err := readLine(in, maxHeader+1)
	if err != nil {
		return nil, h, damaged("its header", err)
	}
	if err := json.Unmarshal(second, &h); err != nil {
		return nil, h, damaged("its header", err)
	}
	return append(first, second...), h, nil
}

// notBackup distinguishes a system error from a premature end.
func notBackup(err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, ErrDamaged) {
		return ErrNotBackup
	}
	return err
}

// readLine reads a line of at most most bytes, including the line feed.
func readLine(in *bufio.Reader, most int) (line []byte, err error) {
	for len(line) < most {
		c, err := in.ReadByte()
		if err != nil {
			return line, err
		}
		if line = append(line, c); c == '\n' {
			return line, nil
		}
	}
	return line, damaged("a line is too long", nil)
}

func decrypt(in io.Reader, h Header, key Key) (io.Reader, error) {
	if h.Encryption != encryption {
		return nil, ErrNewer
	}
	if key.IsEmpty() {
		return nil, ErrNoKey
	}
	identity, err := age.NewScryptIdentity(key.Reveal())
	if err != nil {
		return nil, err
	}
	identity.SetMaxWorkFactor(workFactor + 3)
	opened, err := age.Decrypt(in, identity)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return nil, ErrWrongKey
	}
	if err != nil {
		return nil, damaged("the encryption header", err)
	}
	return opened, nil
}

// Read returns content. It returns io.EOF only after it verified the whole
// file; until then the content is not trustworthy.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.chunk) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.next()
	}
	n := copy(p, r.chunk)
	r.chunk = r.chunk[n:]
	return n, nil
}

// next reads a chunk or the end of the file.
func (r *Reader) next() {
	chunk, err := r.frame(maxChunk)
	if err == nil && len(chunk) > 0 {
		r.sum.add(chunk)
		r.chunk = chunk
		return
	}
	if err == nil {
		err = r.finish()
	}
	r.err = err
	if err == nil {
		r.err = io.EOF
	}
}

// frame reads a length and that many bytes.
func (r *Reader) frame(most uint32) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r.zip, length[:]); err != nil {
		return nil, damaged("it ends early", err)
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > most {
		return nil, damaged("a part is too long", nil)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r.zip, text); err != nil {
		return nil, damaged("it ends early", err)
	}
	return text, nil
}

// finish reads the summary and verifies the file.
func (r *Reader) finish() error {
	text, err := r.frame(maxHeader)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r.summary); err != nil {
		return damaged("its summary", err)
	}
	if r.summary.Bytes != r.sum.bytes || r.summary.Digest != r.sum.digest() {
		return damaged("its checksum does not match", nil)
	}
	if _, err := r.zip.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		return damaged("something follows its end", err)
	}
	if _, err := r.under.ReadByte(); !errors.Is(err, io.EOF) {
		return damaged("something follows its end", err)
	}
	return nil
}

// Summary returns the file's summary. It is zero until Read returned io.EOF.
func (r *Reader) Summary() Summary {
	if !errors.Is(r.err, io.EOF) {
		return Summary{}
	}
	return r.summary
}

// Close releases the reader's resources. It does not close the underlying
// reader.
func (r *Reader) Close() { r.zip.Close() }
