package httpkit_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"roster/internal/httpkit"
)

func plainOf(t *testing.T, packed []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	z.Multistream(false)
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// A part that was compressed once is one gzip member with whatever is around it.
func TestPack_Around(t *testing.T) {
	t.Parallel()
	texts := []string{"", "a", `{"count":1,"results":`, strings.Repeat("user", 1<<14), strings.Repeat("x", 1<<16-1), strings.Repeat("y", 1<<16), strings.Repeat("z", 200_000)}
	for _, before := range texts {
		for _, part := range texts {
			for _, after := range texts {
				packed := httpkit.Pack([]byte(part))
				got := packed.Around([]byte(before), []byte(after))
				if plainOf(t, got) != before+part+after {
					t.Fatalf("%d, %d and %d bytes: got others", len(before), len(part), len(after))
				}
			}
		}
	}
	users := []byte(strings.Repeat(`{"id":1,"username":"a"},`, 1000))
	if packed := httpkit.Pack(users); packed.Size() > len(users)/10 {
		t.Errorf("got %d of %d bytes", packed.Size(), len(users))
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", strings.Repeat("user", 10_000)} {
		if got := plainOf(t, httpkit.Gzip([]byte(text))); got != text {
			t.Errorf("got %d bytes, want %d", len(got), len(text))
		}
	}
	for header, want := range map[string]bool{"gzip": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "br": false, "*": true, "": false} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Header.Set("Accept-Encoding", header)
		if got := httpkit.AcceptsGzip(r); got != want {
			t.Errorf("%q: got %t, want %t", header, got, want)
		}
	}
	if httpkit.AcceptsGzip(httptest.NewRequest(http.MethodGet, "/", http.NoBody)) {
		t.Error("got gzip for a client that does not name it")
	}
}
