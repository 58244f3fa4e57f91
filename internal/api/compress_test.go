package api_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"roster/internal/store/storetest"
)

// JSON of 1 KiB or more is compressed for clients that accept it: pages that are
// cached, others, and indented ones. It is the same after unpacking.
func TestRespond_Compressed(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, open(t), setup{})
			for i := range 12 {
				f.do(t, http.MethodPost, "/api/users/", fmt.Sprintf(`{"username":"user%d","email":"user%d@example.com"}`, i, i))
			}
			for path, large := range map[string]bool{
				"/api/users/": true, "/api/users/?page=2": false, "/api/users/?search=user": true, "/api/users/?indent=2": true,
				"/api/users/1/": false, "/api/": false, "/api/users/?page=99": false,
			} {
				accept := []string{"Accept", "application/json; indent=2"}
				if path != "/api/users/?indent=2" {
					accept[1] = "*/*"
				}
				plain := f.do(t, http.MethodGet, path, "", accept...)
				if plain.Header().Get("Content-Encoding") != "" || (plain.Body.Len() >= 1024) != large {
					t.Errorf("%s: got %d bytes as %q", path, plain.Body.Len(), plain.Header())
				}
				for range 2 { // from the cache as well
					_, got := f.send(http.MethodGet, path, "", append([]string{"Accept-Encoding", "br, gzip"}, accept...)...)
					text := got.Body.String()
					if large {
						z, err := gzip.NewReader(bytes.NewReader(got.Body.Bytes()))
						if err != nil {
							t.Fatalf("%s: %v", path, err)
						}
						unpacked, err := io.ReadAll(z)
						if text = string(unpacked); err != nil || got.Header().Get("Content-Encoding") != "gzip" || !strings.Contains(got.Header().Get("Vary"), "Accept-Encoding") || got.Body.Len() > len(text)/2 {
							t.Errorf("%s: got %d bytes with %q, %v, want them compressed", path, got.Body.Len(), got.Header(), err)
						}
					} else if got.Header().Get("Content-Encoding") != "" {
						t.Errorf("%s: a short answer is compressed", path)
					}
					if text != plain.Body.String() {
						t.Errorf("%s: got %.200s, want %.200s", path, text, plain.Body)
					}
				}
			}
		})
	}
}
