package httpkit

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"roster/internal/fault"
)

// maxFields is Django's DATA_UPLOAD_MAX_NUMBER_FIELDS.
const maxFields = 1000

// The sizes of the pieces in which a body is read.
const (
	firstPiece = 4 << 10
	mostPiece  = 256 << 10
)

// ReadBody returns the whole body of a request. The error is what the client is
// answered.
func ReadBody(r *http.Request) (string, error) {
	var pieces [][]byte
	var length int
	size := firstPiece
	if r.ContentLength >= 0 {
		size = int(min(r.ContentLength+1, firstPiece)) // one byte more to see the end
	}
	for {
		piece := make([]byte, size)
		n, err := io.ReadFull(r.Body, piece)
		pieces, length = append(pieces, piece[:n]), length+n
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return join(pieces, length), nil
		}
		if err != nil {
			return "", err
		}
		size = min(max(4*size, firstPiece), mostPiece)
	}
}

// join returns the pieces as one text. Growing one buffer would leave several
// times its size to the garbage collector.
func join(pieces [][]byte, length int) string {
	if len(pieces) == 1 {
		return string(pieces[0])
	}
	var whole strings.Builder
	whole.Grow(length)
	for _, piece := range pieces {
		whole.Write(piece)
	}
	return whole.String()
}

// parseForm parses the body of a submitted form, so that handlers find its values
// in r.PostForm. A body that is not URL-encoded has none and is not read.
func parseForm(r *http.Request) error {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		text, err := ReadBody(r)
		if err != nil {
			return err
		}
		if strings.Count(text, "&") >= maxFields {
			return fault.New(fault.Invalid, "The form has more than "+strconv.Itoa(maxFields)+" fields.")
		}
		r.Body = io.NopCloser(strings.NewReader(text))
	}
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, "The form could not be read.", err)
	}
	return nil
}

// size formats a number of bytes in the largest unit of which it is a multiple.
func size(bytes int64) string {
	switch {
	case bytes%(1<<20) == 0:
		return strconv.FormatInt(bytes>>20, 10) + " MiB"
	case bytes%(1<<10) == 0:
		return strconv.FormatInt(bytes>>10, 10) + " KiB"
	}
	return strconv.FormatInt(bytes, 10) + " bytes"
}
