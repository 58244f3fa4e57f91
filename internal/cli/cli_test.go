package cli_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"roster/internal/cli"
)

// run runs a command without any settings, and returns its status and what it
// printed.
func run(t *testing.T, environ []string, args ...string) (status int, out, errs string) {
	t.Helper()
	return runContext(t, t.Context(), environ, args...)
}

// runContext is run, until ctx is done.
//
//nolint:revive // t comes first, as in every helper of a test
func runContext(t *testing.T, ctx context.Context, environ []string, args ...string) (status int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = cli.Main(ctx, args, environ, cli.Stdio{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
	return status, stdout.String(), stderr.String()
}

func TestMain_Usage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args   []string
		status int
		out    string // what one of the streams has
	}{
		{nil, 0, "serve"},
		{[]string{"--help"}, 0, "serve"},
		{[]string{"serve", "--help"}, 0, "--bind"},
		{[]string{"version"}, 0, "roster "},
		{[]string{"--version"}, 0, "roster "},
		{[]string{"help"}, 0, "serve"},
		{[]string{"help", "serve"}, 0, "--bind"},
		{[]string{"sevre"}, 2, "sevre"},
		{[]string{"serve", "--prot", "1"}, 2, "--prot"},
		{[]string{"version", "twice"}, 2, "twice"},
	}
	for _, tt := range tests {
		status, out, errs := run(t, nil, tt.args...)
		if status != tt.status || !strings.Contains(out+errs, tt.out) {
			t.Errorf("roster %q: got %d, %q, %q, want %d with %q", tt.args, status, out, errs, tt.status, tt.out)
		}
		if status == 2 && (out != "" || !strings.HasPrefix(errs, "roster: ") || strings.Count(errs, "\n") != 1) {
			t.Errorf("roster %q: got %q and %q, want one line on the standard error", tt.args, out, errs)
		}
	}
}

func TestMain_NamesEverySettingAtFault(t *testing.T) {
	t.Parallel()
	environ := []string{"PAGE_SIZE=ten", "LOG_FORMAT=xml", "SECRET_KEY=hush-hush", "DEBUG=perhaps"}
	for _, command := range []string{"serve", "migrate", "check"} {
		status, _, errs := run(t, environ, command)
		if status != 1 || strings.Count(errs, "\n") != 3 {
			t.Errorf("%s: got %d, %q, want 1 and three lines", command, status, errs)
		}
		for _, name := range []string{"PAGE_SIZE", "LOG_FORMAT", "DEBUG"} {
			if !strings.Contains(errs, "roster: "+name+": ") {
				t.Errorf("%s: %q does not name %s", command, errs, name)
			}
		}
		if strings.Contains(errs, "hush") {
			t.Errorf("%s: %q shows the secret", command, errs)
		}
	}
}
