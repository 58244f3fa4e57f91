package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roster/internal/server"
	users "roster/internal/user"
)

// The mail of tasks leaves for every sender that DEFAULT_FROM_EMAIL takes, under an
// id of its domain.
func TestJobMail_Senders(t *testing.T) {
	t.Parallel()
	for sender, domain := range map[string]string{
		"users@example.com":                      "example.com",
		"Roster <users@example.com>":             "example.com",
		`"Users @ Example" <users@example.com>`:  "example.com",
		"Roster <users@example.com> (all of us)": "example.com",
		"users@bücher.example":                   "xn--bcher-kva.example",
		"users@[192.0.2.1]":                      "192.0.2.1",
	} {
		t.Run(sender, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			mails := server.JobMail(t, "EMAIL_BACKEND=file", "EMAIL_FILE_PATH="+folder, "DEFAULT_FROM_EMAIL="+sender)
			if err := mails.SendWelcome(t.Context(), "task-1-2-3", users.User{Username: "ada", Email: "ada@example.com"}); err != nil {
				t.Fatal(err)
			}
			files, err := filepath.Glob(filepath.Join(folder, "*.eml"))
			if err != nil || len(files) != 1 {
				t.Fatalf("got %v, %v, want one message", files, err)
			}
			text, err := os.ReadFile(files[0])
			if want := "Message-ID: <task-1-2-3@" + domain + ">"; err != nil || !strings.Contains(string(text), want) {
				t.Errorf("got %v, %s, want %s", err, text, want)
			}
		})
	}
}
