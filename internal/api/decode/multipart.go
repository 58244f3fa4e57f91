package decode

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"roster/internal/api/drf"
	"roster/internal/fault"
	"roster/internal/form"
)

const (
	maxFiles       = 100  // Django's DATA_UPLOAD_MAX_NUMBER_FILES
	maxPartHeader  = 1024 // bytes in which a part's header must end
	blankLine      = "\r\n\r\n"
	uncountedParts = 2 // what stands before the first boundary and after the last
)

var boundaryPattern = regexp.MustCompile(`^[ -~]{0,200}[!-~]$`)

// readMultipart decodes a multipart form. As in Django's parser a boundary counts
// wherever it stands, a part without a usable header is passed over, and so no body
// is malformed; only its Content-Type can be.
func readMultipart(contentType string, body []byte, charset drf.Charset, mode form.Mode) (form.Input, error) {
	boundary, problem := boundaryOf(contentType)
	if problem != "" {
		return nil, fault.New(fault.Invalid, "Multipart form parse error - "+problem)
	}
	form := multipartForm{charset: charset, fields: form.Input{}, files: form.Input{}}
	if err := form.read(body, []byte("--"+boundary)); err != nil {
		return nil, err
	}
	for name, file := range form.files {
		form.fields[name] = file
	}
	return formInput(form.fields, mode), nil
}

// boundaryOf returns the boundary that a Content-Type names, or what is wrong with it.
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

// multipartForm collects the parts of one body.
type multipartForm struct {
	charset    drf.Charset
	fields     form.Input
	files      form.Input // they come after the fields of the same name
	upload     *string    // the name of the file that the last part was
	fieldCount int
	fileCount  int
}

func (f *multipartForm) read(body, separator []byte) error {
	for len(body) > 0 {
		content, rest, found := bytes.Cut(body, separator)
		if found {
			content = bytes.TrimSuffix(bytes.TrimSuffix(content, []byte("\n")), []byte("\r"))
		}
		if err := f.add(content); err != nil {
			return err
		}
		body = rest
	}
	return nil
}

// add takes one part, header and all. That there is one completes the file before
// it: a file at the very end of the body was cut short and does not count.
func (f *multipartForm) add(content []byte) error {
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
	case !header.named || header.file && header.discarded:
	case header.file:
		f.upload = &name
	default:
		if header.base64 {
			data = decodeBase64(data)
		}
		f.fields[name] = form.Value{Kind: form.String, Text: f.charset.DecodeLossy(data)}
	}
	return nil
}

// partHeader is what a part's header says that matters. The zero value is that of a
// part without one.
type partHeader struct {
	name      string
	named     bool
	file      bool // a file is sent, rather than a field
	discarded bool // the file's name is none
	base64    bool
}

// parsePart splits a part at the blank line after its header, which Django looks
// for in the first kilobyte alone.
func parsePart(content []byte) (partHeader, []byte) {
	var h partHeader
	end := bytes.Index(content[:min(len(content), maxPartHeader)], []byte(blankLine))
	if end < 0 {
		return h, nil
	}
	for line := range strings.SplitSeq(string(content[:end]), "\r\n") {
		h.addLine(line)
	}
	return h, content[end+len(blankLine):]
}

// addLine takes one line of the header. Later ones replace earlier ones.
func (h *partHeader) addLine(line string) {
	if !utf8.ValidString(line) {
		return
	}
	// A line has the form of a media type, with the header's name before its first word.
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

// isFilename reports whether anything is left of an upload's name once its
// directories are dropped.
func isFilename(name string) bool {
	base := name[strings.LastIndexAny(name, `/\`)+1:]
	return base != "" && base != "." && base != ".."
}
