package oidc

import (
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	requestTimeout = 10 * time.Second
	maxResponse    = 1 << 20 // bytes of a response
	maxHeader      = 64 << 10
)

var (
	errTooLong    = errors.New("the response of the provider is longer than 1 MiB")
	errRedirected = errors.New("the provider redirects, which is not allowed here")
)

// newClient returns a client whose requests are limited in time and size. It does
// not follow redirects, which could lead to an address without encryption.
func newClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // documented
	transport.MaxResponseHeaderBytes = maxHeader
	transport.MaxConnsPerHost = 16
	return &http.Client{
		Timeout:       requestTimeout,
		Transport:     limited{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errRedirected },
	}
}

// limited is a transport whose responses end with errTooLong after maxResponse.
type limited struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t limited) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(r)
	if err == nil {
		response.Body = &limitedBody{response.Body, maxResponse}
	}
	return response, err
}

type limitedBody struct {
	io.ReadCloser

	left int
}

// Read implements io.Reader.
func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if b.left -= n; b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}
