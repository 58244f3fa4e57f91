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
