package config

import (
	"bytes"
	"fmt"
	"strings"

	"roster/internal/fault"
)

// LoadEnvFile is like Load for a file that systemd reads as EnvironmentFile=, so
// that a command gets the settings of the service. A missing file is an error.
func LoadEnvFile(environ []string, path string, flags ...Flag) (Config, error) {
	src, err := readLimited(path, maxDotenv)
	if err != nil {
		return Config{}, fault.Wrap(fault.Invalid, "--env-file: "+path+" cannot be read", err)
	}
	values, line := parseEnvFile(src)
	if line > 0 {
		return Config{}, fault.New(fault.Invalid, fmt.Sprintf("%s:%d: not of the form NAME=value, or a quote is not closed", path, line))
	}
	return load(environ, values, path, flags)
}

// parseEnvFile returns the variables of src, as systemd.exec(5) describes them:
// spaces around a value and quotes around it or parts of it are removed, a
// backslash escapes outside of quotes and in double ones, and lines that begin
// with # or ; are comments. Unlike systemd, which ignores faulty lines, it
// returns the number, from 1, of the first one.
func parseEnvFile(src []byte) (values map[string]string, line int) {
	values, line = map[string]string{}, 1
	for rest := bytes.TrimPrefix(src, []byte("\uFEFF")); len(rest) > 0; {
		statement := rest
		text := strings.TrimLeft(string(firstLine(rest)), " \t\r")
		if text = strings.TrimRight(text, "\r\n"); text == "" || text[0] == '#' || text[0] == ';' {
			rest = rest[len(firstLine(rest)):]
			line++
			continue
		}
		name, _, ok := strings.Cut(text, "=")
		name = strings.TrimRight(name, " \t")
		if !ok || !variableName.MatchString(name) {
			return nil, line
		}
		value, left, closed := parseEnvValue(rest[bytes.IndexByte(rest, '=')+1:])
		if !closed {
			return nil, line
		}
		values[name], rest = value, left
		line += bytes.Count(statement[:len(statement)-len(left)], []byte("\n"))
	}
	return values, 0
}

// firstLine returns the first line of src with its end.
func firstLine(src []byte) []byte {
	if end := bytes.IndexByte(src, '\n'); end >= 0 {
		return src[:end+1]
	}
	return src
}

// parseEnvValue returns the value at the beginning of src, what follows its line,
// and whether its quotes are closed.
func parseEnvValue(src []byte) (value string, rest []byte, closed bool) {
	var b strings.Builder
	kept := 0        // length without trailing spaces
	quote := byte(0) // the open one
	plain := false   // something without quotes was read, so that quotes are literal
	for i := 0; i < len(src); i++ {
		c := src[i]
		switch {
		case quote != 0 && c == quote:
			quote, plain, kept = 0, false, b.Len()
		case c == '\\' && quote != '\'' && i+1 < len(src):
			i++
			b.WriteString(unescaped(src[i], quote))
			plain, kept = plain || quote == 0, b.Len()
		case quote != 0:
			b.WriteByte(c)
		case c == '\n':
			return b.String()[:kept], src[i+1:], true
		case !plain && (c == '"' || c == '\''):
			quote = c
		case c == ' ' || c == '\t' || c == '\r':
			if plain {
				b.WriteByte(c)
			}
		default:
			b.WriteByte(c)
			plain, kept = true, b.Len()
		}
	}
	return b.String()[:kept], nil, quote == 0
}

// unescaped returns the text of a backslash and c. A line continues after one.
func unescaped(c, quote byte) string {
	switch {
	case c == '\n':
		return ""
	case quote == '"' && !strings.ContainsRune("\"\\`$", rune(c)):
		return "\\" + string([]byte{c})
	}
	return string([]byte{c})
}
