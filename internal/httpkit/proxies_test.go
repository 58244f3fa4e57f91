package httpkit_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"roster/internal/httpkit"
)

// The scheme of a trusted proxy replaces that of its own connection, either way; an
// unknown one does not.
func TestStack_ForwardedSchemeOverTLS(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.Proxies = httpkit.Proxies{netip.MustParsePrefix("10.0.0.0/8")}
	var got httpkit.Request
	h := wrap(t, s, func(_ http.ResponseWriter, r *http.Request) { got = *httpkit.RequestOf(r) })
	for proto, want := range map[string]string{"http": "http", "HTTP": "http", "https": "https", "gopher": "https", "": "https"} {
		r := httptest.NewRequest(http.MethodGet, "https://users.example.com/", http.NoBody)
		r.RemoteAddr = "10.1.2.3:99"
		r.Header.Set("X-Forwarded-Proto", proto)
		if serve(h, r); got.Scheme != want {
			t.Errorf("%q: got %s, want %s", proto, got.Scheme, want)
		}
	}
}
