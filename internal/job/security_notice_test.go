package job_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/task"
)

// Changes of an account store the notice in their transaction; one of the address
// goes to the former one, which the arguments do not show.
func TestSecurityNotice(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		keys := auth.NewKeys("a secret of the tests")
		s.OnRecord(job.SecurityNotices(keys))
		limiter := password.NewLimiter(password.NewHasher(password.Weak), 1, 0)
		accounts := auth.NewAccounts(s, limiter, auth.NewValidators(12), time.Now, quiet())
		name, former, email := "ann", "ann@example.com", "new@example.com"
		root := access.System("test")
		a, err := accounts.Create(t.Context(), root, auth.AccountChange{Username: &name, Email: &former}, auth.NewPassword{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := accounts.Update(t.Context(), root, a.ID, auth.AccountChange{Email: &email}); err != nil {
			t.Fatal(err)
		}
		if err := accounts.SetPassword(t.Context(), root, a.ID, auth.NewPassword{Trusted: true}, 0); err != nil {
			t.Fatal(err)
		}
		out := &outbox{}
		k := job.SecurityNotice(s, keys, out)
		silent := "bob"
		b, err := accounts.Create(t.Context(), root, auth.AccountChange{Username: &silent}, auth.NewPassword{})
		if err != nil {
			t.Fatal(err)
		}
		if err := accounts.SetPassword(t.Context(), root, b.ID, auth.NewPassword{Trusted: true}, 0); err != nil {
			t.Fatal(err)
		}
		if found, err := s.ListTasks(t.Context(), task.Filter{}, 0, 10); err != nil || len(found) != 2 {
			t.Errorf("got %d tasks, %v, want none for an account without an address", len(found), err)
		}
		for id := int64(1); id <= 2; id++ {
			wantDone(t, await(t, s, k, id), `{"sent":true}`)
		}
		slices.Sort(out.notices)
		if got, want := fmt.Sprint(out.notices), "[ann@example.com ann email_changed new@example.com ann password_changed]"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		wantDone(t, run(t, s, k, `{"account_id":99,"event":"token_created"}`), `{"sent":false,"reason":"The account no longer exists."}`)
		wantRefused(t, k, `{"account_id":1,"event":"odd"}`)
	})
}

// What is recorded about accounts and their tokens calls for notices, and nothing
// else does.
func TestNotices(t *testing.T) {
	t.Parallel()
	account, token := audit.Object{Type: "account", ID: 7}, audit.Object{Type: "token", ID: 3}
	for _, tt := range []struct {
		object audit.Object
		action audit.Action
		change audit.Change
		want   string
	}{
		{account, audit.Update, audit.Secret("password"), "[{7 password_changed}]"},
		{account, audit.Create, audit.Secret("password"), "[]"},
		{account, audit.Update, audit.Change{Field: "email", Old: "a@example.com", New: ""}, "[{7 email_changed}]"},
		{account, audit.Update, audit.Change{Field: "email", Old: "", New: "a@example.com"}, "[]"},
		{account, audit.Update, audit.Change{Field: "second_factor", Old: false, New: true}, "[{7 factor_added}]"},
		{account, audit.Update, audit.Change{Field: "second_factor", Old: true, New: false}, "[{7 factor_removed}]"},
		{account, audit.Update, audit.Change{Field: "passkey", New: "key"}, "[{7 factor_added}]"},
		{account, audit.Update, audit.Change{Field: "passkey", Old: "key"}, "[{7 factor_removed}]"},
		{account, audit.Update, audit.Change{Field: "passkey", Old: "key", New: "other"}, "[]"},
		{account, audit.Update, audit.Change{Field: "first_name", Old: "a", New: "b"}, "[]"},
		{token, audit.Create, audit.Change{Field: "account", New: int64(7)}, "[{7 token_created}]"},
		{account, audit.Update, audit.Change{Field: "recovery_codes", Old: 3, New: 10}, "[{7 recovery_codes_renewed}]"},
		{account, audit.Login, audit.Change{Field: "new_device", New: "Firefox"}, "[{7 new_device}]"},
		{account, audit.Login, audit.Change{Field: "provider", New: "corp"}, "[]"},
		{token, audit.Delete, audit.Change{Field: "account", Old: int64(7)}, "[]"},
		{audit.Object{Type: "user", ID: 7}, audit.Update, audit.Change{Field: "email", Old: "a@example.com"}, "[]"},
	} {
		type pair struct {
			account int64
			event   auth.Event
		}
		got := []pair{}
		for _, n := range auth.Notices(audit.NewEntry(time.Now(), access.Actor{}, tt.action, tt.object, []audit.Change{tt.change})) {
			got = append(got, pair{n.Account, n.Event})
		}
		if fmt.Sprint(got) != tt.want {
			t.Errorf("%s of %s, %v: got %v, want %s", tt.action, tt.object.Type, tt.change, got, tt.want)
		}
	}
}
