package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// nowhere takes an answer and forgets it.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n nowhere) WriteHeader(int)             {}

// BenchmarkGet is what a request costs beside net/http's own work.
func BenchmarkGet(b *testing.B) {
	f := newFixture(b, setup{})
	for i := range 100 {
		f.create(b, fmt.Sprintf("user%03d", i))
	}
	for name, path := range map[string]func(n int) string{
		"SameUser":   func(int) string { return "/api/users/50/" },
		"FirstPage":  func(int) string { return "/api/users/" },
		"SecondPage": func(int) string { return "/api/users/?page=2" },
		"Search":     func(int) string { return "/api/users/?search=user" },
		"ActiveUser": func(int) string { return "/api/users/active_count/" },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			r := httptest.NewRequest(http.MethodGet, path(0), http.NoBody)
			r.Header.Set("Accept", "application/json")
			for b.Loop() {
				w := nowhere{header: http.Header{}}
				f.handler.ServeHTTP(w, r)
			}
		})
	}
}
