package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"roster/internal/config"
)

// healthLimit is the timeout of healthcheck.
const healthLimit = 5 * time.Second

type healthcheckCommand struct {
	URL string `arg:"" optional:"" default:"http://127.0.0.1:8000/readyz" help:"URL to check, or unix: and the path of a socket (${default})."`
}

// socketClient returns a client of the server behind a Unix socket.
func socketClient(path string) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}
}

// Run succeeds if the response is 200 within five seconds. A URL without a path
// means its /readyz.
func (c *healthcheckCommand) Run(ctx context.Context, env *environment) error {
	client, address := http.DefaultClient, c.URL
	if path, ok := config.SocketPath(c.URL); ok {
		client, address = socketClient(path), "http://localhost"
	}
	target, err := url.Parse(address)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return fmt.Errorf("%q is not a URL of a server; write it as http://127.0.0.1:8000/readyz", c.URL)
	}
	if target.Path == "" || target.Path == "/" {
		target.Path = "/readyz" // the home page does not show readiness
	}
	ctx, cancel := context.WithTimeout(ctx, healthLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), http.NoBody)
	if err != nil {
		return err
	}
	answer, err := client.Do(req)
	if ctx.Err() != nil {
		return fmt.Errorf("%s does not answer within %s", c.URL, healthLimit)
	}
	if err != nil {
		return fmt.Errorf("%s does not answer: %w", c.URL, networkCause(err))
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", c.URL, answer.Status)
	}
	_, err = fmt.Fprintln(env.Out, "ok")
	return err
}

// networkCause returns the cause of a network error without the addresses,
// which the message already contains.
func networkCause(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}
