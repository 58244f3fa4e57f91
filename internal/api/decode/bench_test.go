package decode_test

import (
	"strings"
	"testing"

	"roster/internal/api/decode"
	"roster/internal/form"
)

func BenchmarkBody(b *testing.B) {
	fields := part(`name="username"`, "john_doe") + part(`name="email"`, "john@example.com") + part(`name="first_name"`, "John")
	for name, c := range map[string]struct{ contentType, body string }{
		"json":      {jsonType, `{"username": "john_doe", "email": "john@example.com", "first_name": "John", "is_active": true}`},
		"json-1MB":  {jsonType, `{"list": [` + strings.Repeat(`{"k": "v\n", "n": [1.5e3, null]}, `, 30_000) + `1]}`},
		"form":      {formType, "username=john_doe&email=john%40example.com&first_name=John&is_active=true"},
		"multipart": {multipartType, fields + closing},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.body)))
			for b.Loop() {
				if _, err := decode.Body(c.contentType, c.body, decode.Options{Mode: form.Create}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
