package store_test

import (
	"errors"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/auth"
	"roster/internal/auth/password"
	"roster/internal/fault"
	"roster/internal/secret"
	"roster/internal/store"
	"roster/internal/store/sqldb"
)

// djangoStaff are the services on a store, as a server that leaves hashes to
// Django has them.
type djangoStaff struct {
	*store.Store
	accounts *auth.Accounts
	sessions *auth.Sessions
}

// runDjangoStaff shows on a database of DjangoOnSQLite or DjangoOnMySQL that its accounts log in and hold their permissions, and that
// what is written is what Django writes.
func runDjangoStaff(t *testing.T, db *store.Store) {
	t.Helper()
	s := djangoStaff{Store: db}
	limiter := password.NewLimiter(password.NewHasher(password.PBKDF2SHA256), 2, 0)
	log, now := slog.New(slog.DiscardHandler), func() time.Time { return noon }
	s.accounts = auth.NewAccounts(s, limiter, auth.NewValidators(auth.DefaultMinLength), now, log)
	s.sessions = auth.NewSessions(s, auth.SessionOptions{
		Limiter: limiter, Throttle: auth.NewLoginThrottle(s, auth.DefaultLoginRates(), now), Failures: s, Now: now, Log: log,
	})
	t.Run("LogIn", s.testLogIn)
	t.Run("Refused", s.testRefused)
	t.Run("LastLogin", s.testLastLogin)
	t.Run("Create", s.testCreate)
	t.Run("Spellings", s.testSpellings)
	t.Run("OtherCase", s.testOtherCase)
	t.Run("SpellingsShareAThrottle", s.testSpellingsShareAThrottle)
	t.Run("AdminLog", s.testAdminLog)
}

func (s djangoStaff) logIn(t *testing.T, username, pw string) (auth.Token, error) {
	t.Helper()
	login, err := s.sessions.LogIn(t.Context(), auth.LoginRequest{Username: username, Password: secret.New(pw)})
	return login.Token, err
}

// actor logs in and returns who that is.
func (s djangoStaff) actor(t *testing.T, username, pw string) access.Actor {
	t.Helper()
	token, err := s.logIn(t, username, pw)
	if err != nil {
		t.Fatalf("%s: %v", username, err)
	}
	in, err := s.sessions.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatalf("%s: %v", username, err)
	}
	return in.Actor()
}

func (s djangoStaff) testLogIn(t *testing.T) {
	all := []access.Permission{access.ViewUser, access.AddUser, access.ChangeUser, access.DeleteUser, access.Accounts.Change()}
	for _, tt := range []struct {
		username, pw string
		holds        []access.Permission
	}{
		{"boss", "Corr3ct-horse-staple", all},
		{"editor", "Ed1tor-battery-staple", []access.Permission{access.ViewUser, access.AddUser, access.ChangeUser}},
		{"viewer", "V1ewer-battery-staple", []access.Permission{access.ViewUser, access.DeleteUser}},
		{"old_sha1", "Hash3d-battery-staple", nil},
		{"scrypted", "Hash3d-battery-staple", all},
	} {
		actor := s.actor(t, tt.username, tt.pw)
		for _, p := range all {
			if actor.Can(p) != slices.Contains(tt.holds, p) {
				t.Errorf("%s, %s: got %v", tt.username, p, actor.Can(p))
			}
		}
		a, err := s.FindAccountNamed(t.Context(), tt.username)
		if err != nil || !strings.HasPrefix(a.Password.Reveal(), "pbkdf2_sha256$600000$") {
			t.Errorf("%s: got the hash %q, %v, want one of Django's first choice", tt.username, a.Password.Reveal(), err)
		}
	}
}

func (s djangoStaff) testRefused(t *testing.T) {
	for username, pw := range map[string]string{
		"gone": "G0ne-battery-staple", "nopass": "", "editor": "Corr3ct-horse-staple", "bos": "Corr3ct-horse-staple", "bosss": "Corr3ct-horse-staple",
	} {
		if _, err := s.logIn(t, username, pw); !errors.Is(err, auth.ErrBadLogin) {
			t.Errorf("%s: got %v, want ErrBadLogin", username, err)
		}
	}
}

// testSpellings shows that the names that Django takes for an account log in, and
// no others: those that the table takes for the same. On SQLite that is one.
func (s djangoStaff) testSpellings(t *testing.T) {
	for _, username := range []string{"boss", " boss ", "Boss", "BOSS", "bóss", "böß"} {
		var same []string
		inTx(t, s, func(tx auth.Tx) (err error) {
			same, err = sqldb.Texts(tx.(sqldb.Conn), "SELECT username FROM auth_user WHERE username = ?", strings.TrimSpace(username))
			return err
		})
		token, err := s.logIn(t, username, "Corr3ct-horse-staple")
		if len(same) == 0 {
			if !errors.Is(err, auth.ErrBadLogin) {
				t.Errorf("%q: got %v, want ErrBadLogin", username, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: got %v, want a login", username, err)
			continue
		}
		if in, err := s.sessions.Authenticate(t.Context(), token); err != nil || in.Account.Username != same[0] {
			t.Errorf("%q: got the account %q, %v, want %q", username, in.Account.Username, err, same[0])
		}
	}
}

// column returns a column of an account, as the database writes it as text.
func (s djangoStaff) column(t *testing.T, name, username string) (text string) {
	t.Helper()
	inTx(t, s, func(tx auth.Tx) error {
		found, err := sqldb.Texts(tx.(sqldb.Conn), "SELECT CAST("+name+" AS CHAR) FROM auth_user WHERE username = ?", username)
		text = strings.Join(found, ",")
		return err
	})
	return text
}

func (s djangoStaff) testLastLogin(t *testing.T) {
	if got := s.column(t, "last_login", "boss"); got != "2026-11-23 12:00:00.123456" {
		t.Errorf("got %q", got)
	}
}

// testCreate shows that an account of ours is as Django makes them.
func (s djangoStaff) testCreate(t *testing.T) {
	name, email, yes := "made.here", "Made@EXAMPLE.com", true
	change := auth.AccountChange{Username: &name, Email: &email, IsStaff: &yes, Groups: &[]int64{1}, Permissions: &[]access.Permission{access.DeleteUser}}
	if _, err := s.accounts.Create(t.Context(), access.System("test"), change, auth.NewPassword{Text: secret.New("Corr3ct-horse-staple")}); err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]string{
		"password": `^pbkdf2_sha256\$600000\$[0-9A-Za-z]{22,}\$[0-9A-Za-z+/]{43}=$`, "email": `^Made@example\.com$`, "first_name": `^$`,
		"last_name": `^$`, "is_active": `^1$`, "is_staff": `^1$`, "is_superuser": `^0$`, "date_joined": `^2026-11-23 12:00:00\.123456$`,
	} {
		if got := s.column(t, column, name); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: got %q, want %s", column, got, want)
		}
	}
	actor := s.actor(t, name, "Corr3ct-horse-staple")
	if !actor.Can(access.DeleteUser) || !actor.Can(access.AddUser) || actor.Can(access.Accounts.View()) {
		t.Error("the account does not hold its own permission and those of the group Editors")
	}
}

// testOtherCase shows that a name that Django's unique key may refuse is
// refused in words, or is another account.
func (s djangoStaff) testOtherCase(t *testing.T) {
	name := "Boss"
	a, err := s.accounts.Create(t.Context(), access.System("test"), auth.AccountChange{Username: &name}, auth.NewPassword{})
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Fields.Has("username") {
		return
	}
	if found, findErr := s.FindAccountNamed(t.Context(), "Boss"); err != nil || findErr != nil || found.ID != a.ID || a.ID == 1 {
		t.Errorf("got %+v, %v %v", found, err, findErr)
	}
}

// testAdminLog shows that Django's history pages show what staff do here.
func (s djangoStaff) testAdminLog(t *testing.T) {
	boss := s.actor(t, "boss", "Corr3ct-horse-staple")
	name, first, off := "logged", "F", false
	a, err := s.accounts.Create(t.Context(), boss, auth.AccountChange{Username: &name}, auth.NewPassword{})
	if err != nil {
		t.Fatal(err)
	}
	change := auth.AccountChange{FirstName: &first, Email: &first, IsActive: &off}
	email := "x@example.com"
	change.Email = &email
	if _, err := s.accounts.Update(t.Context(), boss, a.ID, change); err != nil {
		t.Fatal(err)
	}
	if err := s.accounts.SetPassword(t.Context(), boss, a.ID, auth.NewPassword{}, 0); err != nil {
		t.Fatal(err)
	}
	if err := s.accounts.Delete(t.Context(), boss, a.ID); err != nil {
		t.Fatal(err)
	}
	var got []string
	inTx(t, s, func(tx auth.Tx) (err error) {
		got, err = sqldb.Texts(tx.(sqldb.Conn), "SELECT CONCAT_WS(' ', action_flag, object_repr, content_type_id, user_id, change_message)"+
			" FROM django_admin_log WHERE id > 3 AND action_time = '2026-11-23 12:00:00.123456' ORDER BY id")
		return err
	})
	want := []string{
		`1 logged 4 1 [{"added": {}}]`,
		`2 logged 4 1 [{"changed": {"fields": ["First name", "Email address", "Active"]}}]`,
		`2 logged 4 1 [{"changed": {"fields": ["password"]}}]`,
		`3 logged 4 1 `,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// testSpellingsShareAThrottle shows that spellings that the table takes for one
// account have no more attempts than one spelling. It runs last, because it locks
// the account.
func (s djangoStaff) testSpellingsShareAThrottle(t *testing.T) {
	spellings := []string{"viewer", "Viewer", "VIEWER", "vïewer", "ｖiewer", "víéwer"}
	verified := 0
	for i := range 30 {
		_, err := s.logIn(t, spellings[i%len(spellings)], "wrong")
		if fault.KindOf(err) != fault.Throttled {
			verified++
		}
	}
	if verified != 10 {
		t.Errorf("%d passwords were verified, want 10", verified)
	}
}
