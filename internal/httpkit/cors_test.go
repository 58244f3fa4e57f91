package httpkit_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"roster/internal/httpkit"
)

func TestCORS(t *testing.T) {
	t.Parallel()
	one := httpkit.CORS{Origins: []string{"https://app.example"}}
	tests := []struct {
		name            string
		cors            httpkit.CORS
		method          string
		origin, request string // Origin, Access-Control-Request-Method
		status          int
		allowed         string
		methods         bool
	}{
		{"any origin reads", httpkit.CORS{AllowAll: true}, "GET", "https://x.example", "", 200, "*", false},
		{"null origin reads", httpkit.CORS{AllowAll: true}, "GET", "null", "", 200, "*", false},
		{"no origin", httpkit.CORS{AllowAll: true}, "GET", "", "", 200, "", false},
		{"listed origin", one, "GET", "https://app.example", "", 200, "https://app.example", false},
		{"listed origin writes", one, "POST", "https://app.example", "", 200, "https://app.example", false},
		{"other origin reads blindly", one, "GET", "https://evil.example", "", 200, "", false},
		{"other origin may not write", one, "POST", "https://evil.example", "", 403, "", false},
		{"no origin is allowed by default", httpkit.CORS{}, "DELETE", "https://evil.example", "", 403, "", false},
		{"a client without a browser writes", httpkit.CORS{}, "DELETE", "", "", 200, "", false},
		{"preflight", httpkit.CORS{AllowAll: true}, "OPTIONS", "https://x.example", "POST", 200, "*", true},
		{"preflight of a stranger", one, "OPTIONS", "https://evil.example", "POST", 200, "", false},
		{"preflight without origin", httpkit.CORS{AllowAll: true}, "OPTIONS", "", "POST", 200, "", false},
		{"plain OPTIONS", httpkit.CORS{AllowAll: true}, "OPTIONS", "https://x.example", "", 200, "*", true},
	}
	for _, tt := range tests {
		s := newStack(io.Discard)
		s.CORS = tt.cors
		r := httptest.NewRequest(tt.method, "/api/users", http.NoBody)
		if tt.origin != "" {
			r.Header.Set("Origin", tt.origin)
		}
		if tt.request != "" {
			r.Header.Set("Access-Control-Request-Method", tt.request)
		}
		got := serve(wrap(t, s, answerOK), r)
		if got.Code != tt.status {
			t.Errorf("%s: got status %d, want %d", tt.name, got.Code, tt.status)
		}
		if allowed := got.Header().Get("Access-Control-Allow-Origin"); allowed != tt.allowed {
			t.Errorf("%s: got Access-Control-Allow-Origin %q, want %q", tt.name, allowed, tt.allowed)
		}
		if methods := got.Header().Get("Access-Control-Allow-Methods") != ""; methods != tt.methods {
			t.Errorf("%s: methods listed: %v, want %v", tt.name, methods, tt.methods)
		}
		if preflight := tt.request != ""; preflight != (got.Body.Len() == 0) && tt.status == 200 {
			t.Errorf("%s: got body %q", tt.name, got.Body)
		}
		if got.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: credentials are allowed", tt.name)
		}
	}
}

func TestCORS_BadOrigin(t *testing.T) {
	t.Parallel()
	s := newStack(io.Discard)
	s.CORS = httpkit.CORS{Origins: []string{"app.example/path"}}
	if _, err := s.Wrap(http.NotFoundHandler()); err == nil {
		t.Error("an origin with a path: got no error")
	}
}

// TestCORS_Headers shows what scripts of other origins may send and read.
func TestCORS_Headers(t *testing.T) {
	t.Parallel()
	const usual = "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with"
	for asked, want := range map[string]string{
		"":                                       usual,
		"content-type":                           usual,
		"if-match,if-none-match,idempotency-key": usual + ", if-match, if-none-match, idempotency-key",
		"Content-Type, If-Match, If-Match":       usual + ", if-match",
		"x-evil, idempotency-key":                usual + ", idempotency-key",
		"match":                                  usual,
	} {
		s := newStack(io.Discard)
		s.CORS = httpkit.CORS{Origins: []string{"https://app.example"}}
		r := httptest.NewRequest(http.MethodOptions, "/api/users/1/", http.NoBody)
		r.Header.Set("Origin", "https://app.example")
		r.Header.Set("Access-Control-Request-Method", "PATCH")
		if asked != "" {
			r.Header.Set("Access-Control-Request-Headers", asked)
		}
		w := serve(wrap(t, s, answerOK), r)
		if got := w.Header().Get("Access-Control-Allow-Headers"); got != want {
			t.Errorf("asked for %q: got %q, want %q", asked, got, want)
		}
		r = httptest.NewRequest(http.MethodGet, "/api/users/1/", http.NoBody)
		r.Header.Set("Origin", "https://app.example")
		if got := serve(wrap(t, s, answerOK), r).Header().Get("Access-Control-Expose-Headers"); got != "etag, location, retry-after, x-request-id" {
			t.Errorf("got Access-Control-Expose-Headers %q", got)
		}
	}
}

// TestCORS_DefaultPorts has origins with the ports that browsers leave out.
func TestCORS_DefaultPorts(t *testing.T) {
	t.Parallel()
	for listed, origin := range map[string]string{
		"https://app.example:443": "https://app.example", "http://app.example:80": "http://app.example", "http://app.example:443": "http://app.example:443",
		"https://[2001:db8::1]:443": "https://[2001:db8::1]",
	} {
		s := newStack(io.Discard)
		s.CORS = httpkit.CORS{Origins: []string{listed}}
		r := httptest.NewRequest(http.MethodPost, "/api/users/", http.NoBody)
		r.Header.Set("Origin", origin)
		if w := serve(wrap(t, s, answerOK), r); w.Code != http.StatusOK || w.Header().Get("Access-Control-Allow-Origin") != origin {
			t.Errorf("%s: got %d, %q for %s", listed, w.Code, w.Header().Get("Access-Control-Allow-Origin"), origin)
		}
	}
}
