package query_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"roster/internal/query"
)

func TestCursor(t *testing.T) {
	t.Parallel()
	for _, want := range []query.Cursor{
		{},
		{ID: 1},
		{Order: "-id", ID: 1 << 62, Before: true},
		{Order: "email", Value: strings.Repeat("é\"\u2028", 80), ID: 7},
	} {
		text := want.String()
		if want == (query.Cursor{}) {
			text = ""
		}
		if got, ok := query.ParseCursor(text); got != want || !ok {
			t.Errorf("%s: got %+v, %v, want %+v", text, got, ok, want)
		}
	}
	encode := base64.RawURLEncoding.EncodeToString
	for _, text := range []string{
		"x", "=", encode([]byte("null")), encode([]byte("{}")), encode([]byte("[1]")), encode([]byte(`{"i":0}`)), encode([]byte(`{"i":-1}`)),
		encode([]byte(`{"i":1,"i":1}`)), encode([]byte(`{"i":1,"x":1}`)), encode([]byte(`{"i": 1}`)), encode([]byte(`{"i":1.5}`)), encode([]byte(`{"I":1}`)),
		encode([]byte(`{"v":null,"i":1}`)), encode([]byte(`{"v":1,"i":1}`)), query.Cursor{ID: 1}.String() + "=", strings.Repeat("A", 5000),
	} {
		if c, ok := query.ParseCursor(text); ok {
			t.Errorf("%s: got %+v, want it refused", text, c)
		}
	}
}
