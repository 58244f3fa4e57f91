package reference_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"roster/internal/cli/reference"
)

// grammar has all variants that completion and manual distinguish.
type grammar struct {
	Serve struct {
		Bind   string `default:"127.0.0.1:8000" help:"Where it's to listen." placeholder:"HOST:PORT"`
		NoBeat bool   `help:".begins with a dot"`
		Secret string `hidden:""`
	} `cmd:"" help:"Serve."`
	Task struct {
		Run struct {
			Name string `arg:"" help:"Which."`
		} `cmd:"" help:"Run one."`
		List struct {
			State string `help:"In this state."`
		} `cmd:"" help:"List them."`
	} `cmd:"" help:"Tasks."`
	Export struct {
		File string `arg:"" optional:"" help:"Where to."`
	} `cmd:"" help:"Write out."`
	Shell struct {
		Kind string `arg:"" enum:"bash,zsh"`
	} `cmd:"" help:"Choose."`
	Internal struct{} `cmd:"" hidden:""`
}

func model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := kong.New(&grammar{}, kong.Name("roster"), kong.Description("Users - all of them."))
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

func script(t *testing.T, shell string) string {
	t.Helper()
	var out strings.Builder
	if err := reference.Completion(&out, shell, model(t)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestCompletion_Bash asks a real bash what it would offer.
func TestCompletion_Bash(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "roster.bash")
	if err := os.WriteFile(file, []byte(script(t, "bash")), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"roster ":                "serve task export shell --help --help",
		"roster s":               "serve shell",
		"roster serve --":        "--bind --no-beat --help",
		"roster serve --bind x ": "--bind --no-beat --help",
		"roster task ":           "run list --help",
		"roster task l":          "list",
		"roster task list --s":   "--state",
		"roster shell ":          "bash zsh --help",
		"roster export ros":      "roster.bash",
		"roster internal ":       "serve task export shell --help --help",
	} {
		ask := `source "$1"; read -ra COMP_WORDS <<<"$2"; case $2 in *' ') COMP_WORDS+=("");; esac
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _roster; echo "${COMPREPLY[*]}"`
		cmd := exec.CommandContext(t.Context(), "bash", "-c", ask, "bash", file, line)
		cmd.Dir = filepath.Dir(file)
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", line, got, err, want)
		}
	}
}

func TestCompletion_OtherShells(t *testing.T) {
	t.Parallel()
	if got := script(t, "zsh"); !strings.HasPrefix(got, "#compdef roster\n") || !strings.Contains(got, "'task run')") {
		t.Errorf("zsh: got\n%s", got)
	}
	fish := script(t, "fish")
	for _, want := range []string{
		"complete -c roster -n __fish_use_subcommand -a serve -d 'Serve.'\n",
		"complete -c roster -n '__fish_seen_subcommand_from serve' -l bind -r -d 'Where it\\'s to listen.'\n",
		"complete -c roster -n '__fish_seen_subcommand_from serve' -l no-beat -d",
		"complete -c roster -n '__fish_seen_subcommand_from task; and not __fish_seen_subcommand_from run list' -a run -d 'Run one.'\n",
		"complete -c roster -n '__fish_seen_subcommand_from export' -F\n",
		"-a 'bash zsh'\n",
	} {
		if !strings.Contains(fish, want) {
			t.Errorf("fish: %q is missing in\n%s", want, fish)
		}
	}
	if strings.Contains(fish, "internal") || strings.Contains(fish, "secret") {
		t.Error("fish: what is hidden is offered")
	}
	if err := reference.Completion(&strings.Builder{}, "tcsh", model(t)); err == nil {
		t.Error("tcsh: got no error")
	}
}

func TestMan(t *testing.T) {
	t.Parallel()
	var page strings.Builder
	settings := []reference.Setting{{Name: "DB_HOST", Default: "127.0.0.1"}, {Name: "SECRET_KEY"}}
	if err := reference.Man(&page, model(t), "1.2-3", settings); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\"Roster 1.2\\-3\"", "\nUsers \\- all of them.\n", ".SS roster serve\n", ".B \\-\\-bind=HOST:PORT\n", "\n\\&.begins with a dot\n",
		".SS roster task run NAME\n", ".SS roster export [FILE]\n", ".B \\-\\-state=STATE\n", ".B DB_HOST\nDefault: 127.0.0.1.\n", ".B SECRET_KEY\nNot set.\n",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("%q is missing in\n%s", want, page.String())
		}
	}
	if strings.Contains(page.String(), "\n\n") {
		t.Errorf("an empty line, which man(7) forbids, in\n%s", page.String())
	}
}
