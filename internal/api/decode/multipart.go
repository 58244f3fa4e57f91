package decode

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"roster/internal/api/drf"
	"roster/internal/fault"
	"roster/internal/form"
)

const (
	maxFiles       = 100  // Django's DATA_UPLOAD_MAX_NUMBER_FILES
	maxPartHeader  = 1024 // bytes within which the header of a part must end
	blankLine      = "\r\n\r\n"
	uncountedParts = 2 // the text before the first and after the last boundary
)

var boundaryPattern = regexp.MustCompile(`^[ -~]{0,200}[!-~]$`)

// readMultipart decodes a multipart form as Django's parser does: a boundary can be
// anywhere, and parts without a usable header are skipped. So every body is valid;
// only the Content-Type can be malformed.
func readMultipart(contentType, body string, charset drf.Charset, o Options) (form.Input, error) {
	boundary, problem := boundaryOf(contentType)
	if problem != "" {
		return nil, fault.New(fault.Invalid, "Multipart form parse error - "+problem)
	}
	form := multipartForm{charset: charset, keeps: o.keeps, fields: form.Input{}, files: form.Input{}}
	if err := form.read(body, "--"+boundary); err != nil {
		return nil, err
	}
	for name, file := range form.files {
		form.fields[name] = file
	}
	return formInput(form.fields, o.Mode), nil
}

// boundaryOf returns the boundary in a Content-Type.
func boundaryOf(contentType string) (boundary, problem string) {
	if !strings.HasPrefix(contentType, "multipart/") {
		return "", "Invalid Content-Type: " + headerText(contentType)
	}
	if text := headerText(contentType); len(text) > len(contentType) {
		return "", "Invalid non-ASCII Content-Type in multipart: " + text
	}
	boundary, present := drf.ParseMediaType(contentType).Param("boundary")
	switch {
	case !present:
		return "", "Invalid boundary in multipart: None"
	case !boundaryPattern.MatchString(boundary):
		return "", "Invalid boundary in multipart: " + boundary
	}
	return boundary, ""
}

// multipartForm collects the parts of a body.
type multipartForm struct {
	charset    drf.Charset
	keeps      func(name string) bool
	fields     form.Input
	files      form.Input // which follow the fields of the same name
	upload     *string    // the name of the last part, if it was a file
	fieldCount int
	fileCount  int
}

func (f *multipartForm) read(body, separator string) error {
	for len(body) > 0 {
		content, rest, found := strings.Cut(body, separator)
		if found {
			content = strings.TrimSuffix(strings.TrimSuffix(content, "\n"), "\r")
		}
		if err := f.add(content); err != nil {
			return err
		}
		body = rest
	}
	return nil
}

// add parses a part. It also completes a file in the previous part: a file at the
// end of the body was truncated and does not count.
func (f *multipartForm) add(content string) error {
	if f.upload != nil {
		f.files[*f.upload] = form.Value{Kind: form.Object}
		f.upload = nil
	}
	header, data := parsePart(content)
	if header.file {
		f.fileCount++
	} else {
		f.fieldCount++
	}
	if f.fieldCount > maxFields+uncountedParts || f.fileCount > maxFiles {
		return ErrTooManyFields
	}
	name := f.charset.DecodeLossy([]byte(strings.TrimSpace(header.name)))
	switch {
	case !header.named || header.file && header.discarded || !f.keeps(name):
	case header.file:
		f.upload = &name
	default:
		f.fields[name] = form.Value{Kind: form.String, Text: f.decode(data, header.base64)}
	}
	return nil
}

// decode returns the value of a field.
func (f *multipartForm) decode(data string, base64 bool) string {
	raw := []byte(data)
	if base64 {
		raw = decodeBase64(raw)
	}
	return f.charset.DecodeLossy(raw)
}

// partHeader is the parsed header of a part. The zero value is that of a part
// without header.
type partHeader struct {
	name      string
	named     bool
	file      bool // the part is a file
	discarded bool // the file has no usable name
	base64    bool
}

// parsePart splits a part at the blank line after its header, which Django only
// searches in the first kilobyte.
func parsePart(content string) (partHeader, string) {
	var h partHeader
	end := strings.Index(content[:min(len(content), maxPartHeader)], blankLine)
	if end < 0 {
		return h, ""
	}
	for line := range strings.SplitSeq(content[:end], "\r\n") {
		h.addLine(line)
	}
	return h, content[end+len(blankLine):]
}

// addLine parses a line of the header. Later lines replace earlier ones.
func (h *partHeader) addLine(line string) {
	if !utf8.ValidString(line) {
		return
	}
	// A line is the name of a header, followed by a value like a media type.
	m := drf.ParseMediaType(line)
	name, value, _ := strings.Cut(m.Type, ":")
	switch name {
	case "content-disposition":
		h.name, h.named = m.Param("name")
		filename, _ := m.Param("filename")
		h.file, h.discarded = filename != "", !isFilename(filename)
	case "content-transfer-encoding":
		h.base64 = strings.TrimSpace(value) == "base64" && m.Subtype == ""
	}
}

// isFilename reports whether the name of an upload is more than directories.
func isFilename(name string) bool {
	base := name[strings.LastIndexAny(name, `/\`)+1:]
	return base != "" && base != "." && base != ".."
}
