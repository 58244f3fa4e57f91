package drf_test

import (
	"testing"

	"roster/internal/api/drf"
)

func BenchmarkNegotiate(b *testing.B) {
	for name, accept := range map[string][]string{
		"absent":  nil,
		"any":     {"*/*"},
		"json":    {"application/json"},
		"browser": {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := drf.Negotiate(accept, ""); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPageLink(b *testing.B) {
	for name, query := range map[string]string{"none": "", "page": "page=5000", "search": "q=%C3%A9t%C3%A9+x&page=5000&ordering=-id"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = drf.PageLink("http", "127.0.0.1:8000", "/api/users/", query, 5001)
			}
		})
	}
}

func BenchmarkPageOf(b *testing.B) {
	for name, query := range map[string]string{"none": "", "page": "page=5000"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = drf.PageOf(query)
			}
		})
	}
}
