package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"roster/internal/secret"
	"roster/internal/server"
)

// errCancelled ends a command whose prompt was not answered.
var errCancelled = errors.New("operation cancelled")

// prompter prompts the user. Answers come from a terminal, or line by line from
// a pipe.
type prompter struct {
	in  *bufio.Reader
	out io.Writer
	tty int // file descriptor of the terminal, -1 if none
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func newPrompter(env *environment) *prompter {
	p := &prompter{in: bufio.NewReader(env.In), out: env.Out, tty: -1}
	if f, ok := env.In.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.tty = int(f.Fd())
	}
	return p
}

// ask returns the trimmed answer.
func (p *prompter) ask(ctx context.Context, question string) (string, error) {
	line, err := p.answer(ctx, question, p.readLine)
	return strings.TrimSpace(line), err
}

// askSecret returns an answer typed without echo.
func (p *prompter) askSecret(ctx context.Context, question string) (secret.Text, error) {
	if p.tty < 0 {
		line, err := p.answer(ctx, question, p.readLine)
		return secret.New(line), err
	}
	before, err := term.GetState(p.tty)
	if err != nil {
		return secret.Text{}, err
	}
	line, err := p.answer(ctx, question, func() (string, error) {
		text, err := term.ReadPassword(p.tty)
		return string(text), err
	})
	if err == nil {
		fmt.Fprintln(p.out) // the newline of the answer was not echoed
	}
	return secret.New(line), errors.Join(err, term.Restore(p.tty, before))
}

// answer reads an answer until a signal ends the command, and then restores the
// terminal's echo.
func (p *prompter) answer(ctx context.Context, question string, read func() (string, error)) (string, error) {
	ctx, release := untilSignal(ctx, server.DrainLimit, p.out)
	defer release()
	fmt.Fprint(p.out, question)
	type result struct {
		line string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		line, err := read()
		done <- result{line, err}
	}()
	var answered result
	select {
	case <-ctx.Done():
		answered.err = errCancelled
	case answered = <-done:
		if errors.Is(answered.err, io.EOF) {
			answered.err = errCancelled
		}
	}
	if answered.err != nil {
		fmt.Fprintln(p.out) // errors start on a new line
	}
	return answered.line, answered.err
}

func (p *prompter) readLine() (string, error) {
	line, err := p.in.ReadString('\n')
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

// askTwice prompts for a password twice and reports whether both match.
func (p *prompter) askTwice(ctx context.Context) (text secret.Text, same bool, err error) {
	if text, err = p.askSecret(ctx, "Password: "); err != nil {
		return secret.Text{}, false, err
	}
	again, err := p.askSecret(ctx, "Password (again): ")
	return text, err == nil && text.Reveal() == again.Reveal(), err
}
