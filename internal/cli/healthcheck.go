package cli

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

type healthcheckCommand struct {
	URL string `arg:"" optional:"" default:"http://127.0.0.1:8000/readyz" help:"What to ask."`
}

// Run succeeds when the answer is 200 within five seconds.
func (c *healthcheckCommand) Run(ctx context.Context, env *environment) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, http.NoBody)
	if err != nil {
		return fmt.Errorf("%q is not a URL", c.URL)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", c.URL, answer.Status)
	}
	_, err = fmt.Fprintln(env.Out, "ok")
	return err
}
