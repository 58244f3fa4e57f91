package cli_test

import "testing"

// Parser errors are sentences that name what was typed.
func TestUsage_Sentences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"worker", "--concurrency"}, "--concurrency needs a value; see roster worker --help"},
		{[]string{"worker", "--concurrency", "--queues=a"}, "--concurrency needs a value; see roster worker --help"},
		{[]string{"worker", "--concurrency", "-5"}, "--concurrency: write --concurrency=-5; see roster worker --help"},
		{[]string{"worker", "--concurrency", "x"}, `--concurrency: "x" is not a whole number; see roster worker --help`},
		{[]string{"worker", "--concurrency=99999999999999999999"}, `--concurrency: "99999999999999999999" is too large; see roster worker --help`},
		{[]string{"worker", "--queues"}, "--queues needs a value; see roster worker --help"},
		{[]string{"serve", "--no-beat=maybe"}, `--no-beat: "maybe" is not a boolean; use true or false; see roster serve --help`},
		{[]string{"serve", "--bind="}, "--bind is empty; see roster serve --help"},
		{[]string{"audit", "export", "--format", "xml"}, `--format: "xml" is not known; use csv or jsonl; see roster audit export --help`},
		{[]string{"completion", "ksh"}, `<shell>: "ksh" is not known; use bash, zsh or fish; see roster completion --help`},
		{[]string{"completion"}, "<shell> is missing; see roster completion --help"},
		{[]string{"collectstatic", ""}, "<dir> is empty; see roster collectstatic --help"},
		{[]string{"healthcheck", ""}, "<url> is empty; see roster healthcheck --help"},
		{[]string{"task"}, "a command is missing: list, run, status, cancel, retry, ...; see roster task --help"},
		{[]string{"task", "lst"}, `unknown command lst (did you mean "list"?); see roster task --help`},
		{[]string{"task", "list", "x"}, "unexpected argument x; see roster task list --help"},
		{[]string{"--"}, "a command is missing: serve, worker, beat, task, migrate, ...; see roster --help"},
		{[]string{""}, "an argument is empty; see roster --help"},
		{[]string{"-v"}, `unknown flag -v (did you mean "--version"?); see roster --help`},
		{[]string{"serve", "-V"}, `unknown flag -V (did you mean "--version"?); see roster serve --help`},
		{[]string{"-x"}, "unknown flag -x; see roster --help"},

		{[]string{"runserver", "0.0.0.0:8000"}, "unknown command runserver: use roster serve; see roster --help"},
		{[]string{"CreateUser"}, "unknown command CreateUser: use roster createsuperuser for a staff account, or POST /api/users/ for a user; see roster --help"},
		{[]string{"syncdb"}, "unknown command syncdb: use roster migrate; see roster --help"},
		{[]string{"shell"}, "unknown command shell: Roster has no shell; use the REST API; see roster --help"},
		{[]string{"task", "shell"}, "unknown command shell; see roster task --help"},
		{[]string{"srve"}, `unknown command srve (did you mean "serve"?); see roster --help`},
		{[]string{"serve", "0.0.0.0:8000"}, "unexpected argument 0.0.0.0:8000: use --bind HOST:PORT; see roster serve --help"},
		{[]string{"serve", "8080"}, "unexpected argument 8080: use --bind HOST:PORT; see roster serve --help"},
		{[]string{"serve", "--port", "9000"}, "unknown flag --port: use --bind HOST:PORT; see roster serve --help"},
		{[]string{"serve", "--port=9000"}, "unknown flag --port: use --bind HOST:PORT; see roster serve --help"},
		{[]string{"serve", "-p", "9000"}, "unknown flag -p: use --bind HOST:PORT; see roster serve --help"},
		{[]string{"worker", "-l", "info"}, "unknown flag -l: set LOG_LEVEL; see roster worker --help"},
		{[]string{"createsuperuser", "--password", "x"}, "unknown flag --password: set DJANGO_SUPERUSER_PASSWORD, with --noinput; see roster createsuperuser --help"},
		{[]string{"--no-beat", "serve"}, "unknown flag --no-beat: write it after its command, roster serve; see roster --help"},
		{[]string{"--deploy"}, "unknown flag --deploy: write it after its command, roster check; see roster --help"},
	} {
		if status, out, errs := run(t, nil, c.args...); status != 2 || out != "" || errs != "roster: "+c.want+"\n" {
			t.Errorf("%q: got %d, %q, %q, want 2 and %q", c.args, status, out, errs, c.want)
		}
	}
}
