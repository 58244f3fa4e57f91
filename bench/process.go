package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// build makes the release binary of the working directory's checkout.
func build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "roster")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "mattn,fts5", "-o", binary, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
}

// environment is what roster runs with: the engine's settings, and the log that
// it has by default, in dir.
func environment(e engine, dir string) []string {
	return append(e.settings(), "LOG_DIR="+filepath.Join(dir, "logs-"+e.name()), "API_PERMISSION=AllowAny")
}

func migrate(ctx context.Context, binary string, environ []string) error {
	cmd := exec.CommandContext(ctx, binary, "migrate")
	cmd.Env = environ
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("roster migrate: %w\n%s", err, out)
	}
	return nil
}

// server is a running roster.
type server struct {
	cmd     *exec.Cmd
	address string
	ready   time.Duration // from the start of the process to serving
}

var servingAt = regexp.MustCompile(`msg=serving .*url=http://([^/]+)/`)

// startServer runs the binary, and returns once it serves.
func startServer(ctx context.Context, binary string, environ []string) (*server, error) {
	s := &server{cmd: exec.CommandContext(ctx, binary, "serve", "--bind", "127.0.0.1:0")}
	s.cmd.Env = environ
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines, last := bufio.NewScanner(stderr), ""
	for ; lines.Scan(); last = lines.Text() {
		if found := servingAt.FindStringSubmatch(lines.Text()); found != nil {
			s.address, s.ready = found[1], time.Since(start)
			go func() {
				for lines.Scan() { // a full pipe would stop the server
				}
			}()
			return s, nil
		}
	}
	return nil, fmt.Errorf("roster serve ended before it served: %s", last)
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // an error: it has ended
	_ = s.cmd.Wait()                          // only the end matters
}

// memory is the resident memory in MiB on Linux; 0 elsewhere.
func (s *server) memory() float64 {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(s.cmd.Process.Pid) + "/status") //nolint:gosec // a number is no path
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kib, err := strconv.ParseFloat(fields[1], 64)
			if err == nil {
				return kib / 1024
			}
		}
	}
	return 0
}
