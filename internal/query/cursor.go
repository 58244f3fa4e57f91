package query

import (
	"encoding/base64"
	"encoding/json"
)

// Cursor is a place next to a record of an ordered list. Records that are added or
// removed elsewhere do not move it. The zero Cursor is the start of the list.
type Cursor struct {
	Order  string `json:"o,omitempty"` // of the list, as the caller writes it
	Value  string `json:"v,omitempty"` // of the first key of the order, in the record
	ID     int64  `json:"i"`           // of the record
	Before bool   `json:"b,omitempty"` // for the records before this one, rather than those after it
}

// String returns the opaque text that ParseCursor reads, in the alphabet of URLs.
func (c Cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic("query: " + err.Error()) // texts, a number and a boolean have a JSON form
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// maxCursor is the length of the longest cursor of String: that of a value of 254
// characters, each escaped.
const maxCursor = 4096

// ParseCursor parses a text of String. Any other text is refused; "" is the start.
func ParseCursor(text string) (c Cursor, ok bool) {
	if text == "" {
		return c, true
	}
	if len(text) > maxCursor {
		return c, false
	}
	content, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(content, &c) != nil {
		return Cursor{}, false
	}
	return c, c.ID > 0 && c.String() == text
}
