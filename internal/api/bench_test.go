package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"roster/internal/store/storetest"
)

// nowhere takes an answer and forgets it.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n nowhere) WriteHeader(int)             {}

// BenchmarkGet is what a request costs beside net/http's own work.
func BenchmarkGet(b *testing.B) {
	for engine, open := range storetest.Engines() {
		b.Run(engine, func(b *testing.B) { benchmarkGet(b, newFixture(b, open(b), setup{})) })
	}
}

func benchmarkGet(b *testing.B, f *fixture) {
	b.Helper()
	for i := range 100 {
		f.create(b, fmt.Sprintf("user%03d", i))
	}
	for name, path := range map[string]string{
		"SameUser":    "/api/users/50/",
		"FirstPage":   "/api/users/",
		"SecondPage":  "/api/users/?page=2",
		"Search":      "/api/users/?search=user",
		"ActiveCount": "/api/users/active_count/",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
			r.Header.Set("Accept", "application/json")
			for b.Loop() {
				f.handler.ServeHTTP(nowhere{header: http.Header{}}, r)
			}
		})
	}
}
