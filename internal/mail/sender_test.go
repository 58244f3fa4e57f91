package mail_test

import (
	"io"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"roster/internal/mail"
)

// Nothing that an operator writes before or after the address is lost.
func TestComposer_SenderName(t *testing.T) {
	t.Parallel()
	for sender, want := range map[string]string{
		"a@example.com":                       "",
		"Team <a@example.com>":                "Team",
		"Team (Ops) <a@example.com>":          "Team (Ops)",
		"Team (Ops) (EU) <a@example.com>":     "Team (Ops) (EU)",
		"Team (Ops (EU)) <a@example.com>":     "Team (Ops (EU))",
		"Team (Ops \\) x) <a@example.com>":    "Team (Ops ) x)",
		"Team <a@example.com> (all of us)":    "Team (all of us)",
		"a@example.com (Team)":                "Team",
		`"Team (Ops)" <a@example.com>`:        "Team (Ops)",
		`"Team \"x\" (Ops)" <a@example.com>`:  `Team "x" (Ops)`,
		`Team "(Ops)" <a@example.com>`:        "Team (Ops)",
		"Röster (Betrieb) <a@example.com>":    "Röster (Betrieb)",
		"=?utf-8?q?R=C3=B6?= <a@example.com>": "Rö",
	} {
		var out strings.Builder
		console := mail.NewConsole(&out, mail.Composer{From: sender, Now: time.Now})
		if err := console.Send(t.Context(), valid()); err != nil {
			t.Errorf("%s: %v", sender, err)
			continue
		}
		_, text, _ := strings.Cut(out.String(), "From: ")
		line, _, _ := strings.Cut(text, "\n")
		got, err := netmail.ParseAddress(line)
		if err != nil || got.Name != want || got.Address != "a@example.com" {
			t.Errorf("%s: got %q, %v, want the name %q", sender, line, err, want)
		}
		_ = console.Close()
	}
	for _, sender := range []string{"Team: a@example.com;", "a@example.com, b@example.com", "Team (Ops <a@example.com>", "(Ops) <a@example.com>", ""} {
		err := mail.NewConsole(io.Discard, mail.Composer{From: sender}).Send(t.Context(), valid())
		if err == nil || !strings.Contains(err.Error(), "the sender is not an address") {
			t.Errorf("%q: got %v, want it to be rejected", sender, err)
		}
	}
}
