package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"

	"github.com/joho/godotenv"

	"roster/internal/fault"
)

// maxDotenv is the maximum size of a .env file, in bytes.
const maxDotenv = 64 << 10

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// readDotenv returns the variables of the file. It returns none if the file is
// missing or is a directory (a Python environment may be named .env).
func readDotenv(path string) (map[string]string, error) {
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
		return nil, nil
	}
	src, err := readLimited(path, maxDotenv)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, path+": the settings file cannot be read", err)
	}
	return parseDotenv(path, src)
}

// readLimited returns the file's content, or an error if it exceeds limit
// bytes.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = fmt.Errorf("it is larger than %d bytes", limit)
	}
	return content, err
}

// parseDotenv returns the variables of src. The error contains the file name
// and the first line of the malformed statement, but not its text, which may
// contain a secret.
func parseDotenv(name string, src []byte) (map[string]string, error) {
	src = bytes.TrimPrefix(src, []byte("\uFEFF"))
	if values, ok := unmarshal(src); ok {
		return values, nil
	}
	return nil, fault.New(fault.Invalid, fmt.Sprintf(
		"%s:%d: not of the form NAME=value, or a quote is not closed", name, malformedLine(src)))
}

// unmarshal calls godotenv, but rejects invalid setting names and a last line
// without "=", both of which it accepts.
func unmarshal(src []byte) (map[string]string, bool) {
	values, err := godotenv.UnmarshalBytes(append(bytes.Clone(src), '\n'))
	if err != nil {
		return nil, false
	}
	for name := range values {
		if !variableName.MatchString(name) {
			return nil, false
		}
	}
	return values, true
}

// malformedLine returns the number, from 1, of the first line of the first
// malformed statement of src. A statement is the smallest number of lines that
// parse on their own.
func malformedLine(src []byte) int {
	line, begin, end := 1, 0, 0
	for i, text := range bytes.SplitAfter(src, []byte("\n")) {
		end += len(text)
		if _, ok := unmarshal(src[begin:end]); ok && end < len(src) {
			line, begin = i+2, end
		}
	}
	return line
}
