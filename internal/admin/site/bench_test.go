package site_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"roster/internal/store/storetest"
)

// benchUsers is how many users the lists of the benchmark are about.
const benchUsers = 1_000_000

// BenchmarkShowList measures pages of lists of a million users on SQLite, whole
// requests from the URL to the HTML.
func BenchmarkShowList(b *testing.B) {
	f := newBenchFixture(b)
	f.insertEvery(time.Minute, benchUsers)
	for name, query := range map[string]string{
		"FirstPage":     "",
		"PageInMiddle":  "?p=10000",
		"LastPage":      "?p=20000",
		"Filter":        "?is_active__exact=0",
		"Month":         "?created_at__year=2026&created_at__month=5",
		"FilterAndYear": "?created_at__year=2026&is_active__exact=1",
		"ByUsername":    "?o=1",
		"ByFirstName":   "?o=3",
		"SearchMany":    "?q=user",
		"SearchFew":     "?q=user99999",
		"SearchOne":     "?q=user999999@example.com",
		"SearchNone":    "?q=missing",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				w := httptest.NewRecorder()
				f.handler.ServeHTTP(w, httptest.NewRequestWithContext(b.Context(), http.MethodGet, listPath+query, http.NoBody))
				if w.Code != http.StatusOK {
					b.Fatalf("got %d to %s", w.Code, w.Header().Get("Location"))
				}
			}
		})
	}
}

// BenchmarkSearch measures the search of the header among 100,000 users, whole
// requests from the URL to the HTML. It examines what Searcher promises, no more.
func BenchmarkSearch(b *testing.B) {
	for engine, open := range storetest.Engines() {
		f := newFixtureOn(b, open(b))
		f.insertEvery(time.Minute, benchUsers/10)
		if err := f.store.Index(b.Context()); err != nil {
			b.Fatal(err)
		}
		for name, text := range map[string]string{
			"Letter": "e", "Many": "user", "Few": "user99", "One": "user99999@example.com", "None": "missing", "Words": "first9 user99", "Action": "add user",
		} {
			b.Run(engine+"/"+name, func(b *testing.B) {
				for b.Loop() {
					f.page("/admin/search/hits/?" + url.Values{"q": {text}}.Encode())
				}
			})
		}
	}
}
