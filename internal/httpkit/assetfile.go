package httpkit

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// contentTypes has the media types of static files. The operating system's table
// differs from host to host.
var contentTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".gif":   "image/gif",
	".html":  "text/html; charset=utf-8",
	".ico":   "image/x-icon",
	".js":    "text/javascript; charset=utf-8",
	".json":  "application/json",
	".map":   "application/json",
	".mjs":   "text/javascript; charset=utf-8",
	".png":   "image/png",
	".svg":   "image/svg+xml",
	".ttf":   "font/ttf",
	".txt":   "text/plain; charset=utf-8",
	".webp":  "image/webp",
	".woff":  "font/woff",
	".woff2": "font/woff2",
	".xml":   "application/xml",
	".yaml":  "application/yaml",
}

// contentTypeOf returns the media type for the extension of a name.
func contentTypeOf(name string) string {
	if t := contentTypes[strings.ToLower(path.Ext(name))]; t != "" {
		return t
	}
	return "application/octet-stream"
}

// isText reports whether files of a media type are worth compressing.
func isText(contentType string) bool {
	return strings.HasPrefix(contentType, "text/") ||
		strings.HasPrefix(contentType, "application/json") ||
		strings.HasSuffix(contentType, "xml") || strings.HasSuffix(contentType, "yaml")
}

// openSeeker opens a file for http.ServeContent. Files of an embed.FS can seek;
// those of other file systems may have to be read into memory.
func openSeeker(source fs.FS, name string) (io.ReadSeekCloser, error) {
	file, err := source.Open(name)
	if err != nil {
		return nil, err
	}
	if seeker, ok := file.(io.ReadSeekCloser); ok {
		return seeker, nil
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return readCloser{bytes.NewReader(content)}, nil
}

// readCloser reads from memory; closing it does nothing.
type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// matchesETag reports whether an If-None-Match header names the tag (RFC 9110, 13.1.2).
func matchesETag(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == tag || candidate == "*" {
			return true
		}
	}
	return false
}

// acceptsGzip reports whether an Accept-Encoding header allows gzip
// (RFC 9110, 12.5.3). No header means that plain is wanted.
func acceptsGzip(header string) bool {
	allowed := false
	for item := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(item, ";")
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return !isZeroWeight(params)
		case "*":
			allowed = !isZeroWeight(params)
		}
	}
	return allowed
}

// isZeroWeight reports whether a weight such as " q=0.000" is zero.
func isZeroWeight(params string) bool {
	name, value, found := strings.Cut(params, "=")
	if !found || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return false
	}
	weight, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err == nil && weight <= 0
}
