package httpkit

import "net/http"

// Header values that many responses share. They are never changed.
var (
	contentHTML = []string{"text/html; charset=utf-8"}
	zeroLength  = []string{"0"}

	closeConnection = []string{"close"}
	identity        = []string{"identity"}
	anyMethod       = []string{"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}

	nosniff     = []string{"nosniff"}
	referrer    = []string{"strict-origin-when-cross-origin"}
	sameOrigin  = []string{"same-origin"}
	permissions = []string{"geolocation=(), camera=(), microphone=()"}
	denyFrames  = []string{"DENY"}
	hsts        = []string{"max-age=63072000; includeSubDomains"}
	dataPolicy  = []string{"default-src 'none'; frame-ancestors 'none'"}
	pagePolicy  = []string{"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"}
)

// secure sets the headers of every response, after OWASP's HTTP Headers and REST
// Security Cheat Sheets. The policy is for data and permits nothing. There are as
// few headers as possible: with more than eight, the map of every response grows.
func secure(h http.Header, scheme string) {
	h["X-Content-Type-Options"] = nosniff
	h["X-Frame-Options"] = denyFrames
	h["Content-Security-Policy"] = dataPolicy
	if scheme == "https" {
		h["Strict-Transport-Security"] = hsts
	}
}

// SecureDocument sets the headers of a page with scripts and styles of this origin.
// Only a response that allows it can be in a frame.
func SecureDocument(h http.Header) {
	h["Referrer-Policy"] = referrer
	h["Cross-Origin-Opener-Policy"] = sameOrigin
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h["Permissions-Policy"] = permissions
	h["Content-Security-Policy"] = pagePolicy
}
