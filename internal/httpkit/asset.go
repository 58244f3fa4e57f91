package httpkit

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// asset is one static file. At least one of name and packed is set.
type asset struct {
	source      fs.FS
	name        string // in source; "" when only the compressed form exists
	packed      string // the name of the gzip form in source; "" when it has none
	contentType string
	digest      string   // hex SHA-256 of the file as the source has it
	size        int64    // of the uncompressed file; 0 when only the compressed form exists
	content     []byte   // replaces the content of the file; nil to serve the file itself
	imports     []string // names of the modules that it imports, directly or not

	compress   sync.Once
	compressed []byte // made on first use when source has no gzip form; nil for small files
}

// measure reads the file once, in pieces, for its digest and size.
func (f *asset) measure() error {
	file, err := f.open()
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, file)
	if err != nil {
		return fmt.Errorf("read %s%s: %w", f.name, f.packed, err)
	}
	if f.name != "" {
		f.size = n
	}
	f.digest = hex.EncodeToString(hash.Sum(nil))
	return nil
}

// open opens the content that is served, compressed when no other form exists.
func (f *asset) open() (io.ReadSeekCloser, error) {
	switch {
	case f.content != nil:
		return readCloser{bytes.NewReader(f.content)}, nil
	case f.name == "":
		return openSeeker(f.source, f.packed)
	}
	return openSeeker(f.source, f.name)
}

func (f *asset) read() ([]byte, error) {
	file, err := f.open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// fingerprint returns the name with the first 8 digits of the digest before the extension.
func (f *asset) fingerprint(name string) string {
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + f.digest[:8] + ext
}

// hasCompressed reports whether a compressed form exists, and makes it on
// first use where the source has none.
func (f *asset) hasCompressed() bool {
	if f.packed != "" {
		return true
	}
	f.compress.Do(func() {
		if f.size >= MinCompressed && isText(f.contentType) {
			f.compressed = f.pack()
		}
	})
	return f.compressed != nil
}

// pack returns the gzip form, or nil when it cannot be made.
func (f *asset) pack() []byte {
	content, err := f.read()
	if err != nil {
		return nil
	}
	var buf bytes.Buffer
	z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := z.Write(content); err != nil || z.Close() != nil {
		return nil
	}
	return bytes.Clone(buf.Bytes())
}

func (f *asset) serveCompressed(w http.ResponseWriter, r *http.Request) {
	if f.packed == "" {
		serveEncoded(w, r, f.digest, bytes.NewReader(f.compressed))
		return
	}
	content, err := openSeeker(f.source, f.packed)
	if err != nil {
		http.Error(w, "The file cannot be read.", http.StatusInternalServerError)
		return
	}
	defer content.Close()
	serveEncoded(w, r, f.digest, content)
}

// serveEncoded serves a gzip form. Its ETag differs from that of the plain
// form, as the two differ byte by byte.
func serveEncoded(w http.ResponseWriter, r *http.Request, digest string, content io.ReadSeeker) {
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Set("Etag", `"`+digest[:32]+`-gzip"`)
	if size, err := content.Seek(0, io.SeekEnd); err == nil {
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	}
	http.ServeContent(w, r, "", time.Time{}, content)
}

func (f *asset) servePlain(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Etag", `"`+f.digest[:32]+`"`)
	if f.name == "" {
		f.serveUnpacked(w, r)
		return
	}
	content, err := f.open()
	if err != nil {
		http.Error(w, "The file cannot be read.", http.StatusInternalServerError)
		return
	}
	defer content.Close()
	http.ServeContent(w, r, "", time.Time{}, content)
}

// serveUnpacked decompresses while it sends, for the rare client without gzip.
func (f *asset) serveUnpacked(w http.ResponseWriter, r *http.Request) {
	if matchesETag(r.Header.Get("If-None-Match"), w.Header().Get("Etag")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	file, err := f.source.Open(f.packed)
	if err != nil {
		http.Error(w, "The file cannot be read.", http.StatusInternalServerError)
		return
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		http.Error(w, "The file cannot be read.", http.StatusInternalServerError)
		return
	}
	if r.Method == http.MethodGet {
		// A failed copy means that the client has gone away.
		_, _ = io.Copy(w, z) //nolint:gosec // our own files
	}
}

// forms returns the plain and the compressed content; compressed is nil for
// files that are not worth compressing.
func (f *asset) forms() (plain, compressed []byte, err error) {
	switch {
	case f.packed != "":
		compressed, err = fs.ReadFile(f.source, f.packed)
	case f.hasCompressed():
		compressed = f.compressed
	}
	if err != nil {
		return nil, nil, err
	}
	if f.name != "" {
		plain, err = f.read()
		return plain, compressed, err
	}
	z, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, nil, err
	}
	plain, err = io.ReadAll(z)
	return plain, compressed, err
}
