package takeover_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func someone(name string, changes map[string]string) map[string]string {
	return with(map[string]string{
		"username": name, "email": name + "@example.com", "is_active": "1",
		"created_at": "2026-11-23 10:00:00.123456", "updated_at": "2026-11-23 10:00:00",
	}, changes)
}

func TestUsers_Rules(t *testing.T) {
	t.Parallel()
	const invalid = "warning users.invalid."
	for _, c := range []struct {
		changes map[string]string
		want    []string
	}{
		{nil, nil},
		{map[string]string{"first_name": "", "phone": "", "address": "\n"}, []string{"info users.spaces: Texts of users have leading or trailing white space (1) 1"}},
		{map[string]string{"username": "ab"},
			[]string{invalid + "username: The username of users breaks a rule: Username must be at least 3 characters long. (1) 1"}},
		{map[string]string{"email": "no-address"}, []string{invalid + "email: The email of users breaks a rule: Enter a valid email address. (1) 1"}},
		{map[string]string{"email": "NULL"}, []string{invalid + "email: The email of users breaks a rule: This field may not be null. (1) 1"}},
		{map[string]string{"is_active": "2"}, []string{invalid + "is_active: The is_active of users breaks a rule: Must be a valid boolean. (1) 1"}},
		{map[string]string{"email": "Some@Example.com"},
			[]string{"warning users.email.case: E-mail addresses are stored with capital letters (1) 1"}},
		{map[string]string{"last_name": "M\xfcller"}, []string{"warning users.encoding: Texts of users are not UTF-8 (1) 1"}},
		{map[string]string{"created_at": "2026-11-23T10:00:00.1Z", "updated_at": "2026-11-23 10:00:00+02:00"}, nil},
		{map[string]string{"created_at": "NULL"}, []string{"warning t_users.time.unreadable: t_users: times cannot be read (1) 1 (created_at)"}},
		{map[string]string{"updated_at": "2026-11-23"}, []string{"warning t_users.time.unreadable: t_users: times cannot be read (1) 1 (updated_at)"}},
		{map[string]string{"updated_at": "0000-00-00 00:00:00.000000"}, []string{"warning t_users.time.zero: t_users: dates are zero (1) 1 (updated_at)"}},
		{map[string]string{"updated_at": "2026-00-01 00:00:00.000000"}, []string{"warning t_users.time.zero: t_users: dates are zero (1) 1 (updated_at)"}},
	} {
		f := healthy()
		f.rows["t_users"] = []map[string]string{someone("some", c.changes)}
		wantLines(t, f, c.want...)
	}
}

func TestUsers_Counts(t *testing.T) {
	t.Parallel()
	f := healthy()
	for i := range 12 {
		f.rows["t_users"] = append(f.rows["t_users"], someone(fmt.Sprint("user", i), map[string]string{"is_active": strconv.Itoa(i % 2), "phone": strings.Repeat("1", 21)}))
	}
	wantLines(t, f, "warning users.invalid.phone: The phone of users breaks a rule: Ensure this field has no more than 20 characters. (12) 1; 2; 3; 4; 5")
	for _, finding := range inspect(t, f).Findings {
		if finding.ID == "users.count" && finding.Detail != "12 users, of which 6 are active." {
			t.Errorf("got %q", finding.Detail)
		}
	}
}

func TestUsers_Repeats(t *testing.T) {
	t.Parallel()
	f := healthy()
	for i, name := range []string{"ada", "Ada", "a da", "grace", "grace ", "Zoë", "ZOË", "zoe"} {
		f.rows["t_users"] = append(f.rows["t_users"], someone(name, map[string]string{"email": fmt.Sprint("user", i, "@example.com")}))
	}
	for range 7 {
		f.rows["t_users"] = append(f.rows["t_users"], someone(fmt.Sprint("other", len(f.rows["t_users"])), map[string]string{"email": "same@example.com"}))
	}
	f.rows["t_users"] = append(f.rows["t_users"], someone("last", map[string]string{"email": " Same@example.com"}))
	wantLines(t, f,
		"error users.email.duplicate: Several users have the same e-mail address except for case (1) 9, 10, 11, 12, 13, …",
		"warning users.username.similar: Usernames differ only in case or white space (3) 1, 2, 3; 4, 5; 6, 7",
		"info users.spaces: Texts of users have leading or trailing white space (2) 5; 16")
}

// TestUsers_DuplicatesAmongMany has far more users than fingerprints that are
// alike by chance.
func TestUsers_DuplicatesAmongMany(t *testing.T) {
	t.Parallel()
	f := healthy()
	rows := make([]map[string]string, 0, 60_000)
	for i := range 60_000 {
		rows = append(rows, someone(fmt.Sprint("user", i), nil))
	}
	rows[59_000] = someone("other", map[string]string{"email": "USER17@example.com"})
	f.rows["t_users"] = rows
	wantLines(t, f,
		"error users.email.duplicate: Several users have the same e-mail address except for case (1) 18, 59001",
		"warning users.email.case: E-mail addresses are stored with capital letters (1) 59001")
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	const weak = "info accounts.password.weak: Passwords have weak hashes by today's standards (1) 1"
	for encoded, want := range map[string][]string{
		"pbkdf2_sha256$600000$salt$hash":                      nil,
		"pbkdf2_sha256$599999$salt$hash":                      {weak},
		"pbkdf2_sha256$many$salt$hash":                        {weak},
		"pbkdf2_sha1$600000$salt$hash":                        {"info accounts.password.pbkdf2_sha1: Passwords hashed with pbkdf2_sha1 (1) 1", weak},
		"argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA": {"info accounts.password.argon2: Passwords hashed with argon2 (1) 1"},
		"argon2$argon2id$v=19$m=512,t=2,p=2$c2FsdA$aGFzaA":    {"info accounts.password.argon2: Passwords hashed with argon2 (1) 1", weak},
		"argon2$argon2id":                                     {"info accounts.password.argon2: Passwords hashed with argon2 (1) 1", weak},
		"scrypt$16384$salt$8$1$hash":                          {"info accounts.password.scrypt: Passwords hashed with scrypt (1) 1"},
		"scrypt$8192$salt$8$1$hash":                           {"info accounts.password.scrypt: Passwords hashed with scrypt (1) 1", weak},
		"bcrypt_sha256$$2b$12$" + strings.Repeat("a", 53):     {"info accounts.password.bcrypt_sha256: Passwords hashed with bcrypt_sha256 (1) 1"},
		"bcrypt_sha256$$2b$10$" + strings.Repeat("a", 53):     {"info accounts.password.bcrypt_sha256: Passwords hashed with bcrypt_sha256 (1) 1", weak},
		"!TEwE5xGVvy0Z1z9n444OUcfSjV0mdyTw16VDu5PH":           {"info accounts.password.unusable: Accounts without a password (1) 1"},
		"": {"info accounts.password.unusable: Accounts without a password (1) 1"},
		"md5$salt$d3dcf429c679f9af82eb9a3b31c4df44":            {"warning accounts.password.md5: Passwords that Roster cannot verify: md5 (1) 1"},
		"sha1$salt$0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33":   {"warning accounts.password.sha1: Passwords that Roster cannot verify: sha1 (1) 1"},
		"acbd18db4cc2f85cedef654fccc4a4d8":                     {"warning accounts.password.unknown: Passwords that Roster cannot verify: unknown (1) 1"},
		"$2b$12$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": {"warning accounts.password.unknown: Passwords that Roster cannot verify: unknown (1) 1"},
		"Plain Text$1": {"warning accounts.password.unknown: Passwords that Roster cannot verify: unknown (1) 1"},
	} {
		f := healthy()
		f.rows["auth_user"] = []map[string]string{account(encoded, nil)}
		wantLines(t, f, want...)
		for _, finding := range inspect(t, f).Findings {
			if text := fmt.Sprint(finding); strings.Contains(text, "hash$") || strings.Contains(text, "acbd") || strings.Contains(text, "Plain") {
				t.Errorf("%s: the password is shown: %s", encoded, text)
			}
		}
	}
}

func TestAccounts_NoSuperuser(t *testing.T) {
	t.Parallel()
	const none = "warning accounts.no-superuser: There is no active superuser (0) "
	f := healthy()
	f.rows["auth_user"] = nil
	wantLines(t, f, none)
	const usual = "pbkdf2_sha256$600000$salt$hash"
	f.rows["auth_user"] = []map[string]string{
		account(usual, map[string]string{"is_active": "0"}), account(usual, map[string]string{"is_superuser": "0", "last_login": "2026-11-23"}),
	}
	wantLines(t, f, none, "warning auth_user.time.unreadable: auth_user: times cannot be read (1) 2 (last_login)")
	for _, finding := range inspect(t, f).Findings {
		if finding.ID == "accounts.count" && finding.Detail != "2 accounts: 1 active, 2 staff, 1 superuser." {
			t.Errorf("got %q", finding.Detail)
		}
	}
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	const no = "warning schedules.unrunnable: Schedules that Roster cannot run: "
	over := func(why string) []string { return []string{no + why + " (1) 1 (report)"} }
	runs := []string{"info schedules.runnable: Schedules that Roster runs (1) 1 (report)"}
	due := append(slices.Clone(runs), "info schedules.due: Schedules that are due at once (1) 1 (report)")
	for _, c := range []struct {
		changes map[string]string
		want    []string
	}{
		{nil, runs},
		{map[string]string{"enabled": "0"}, runs},
		{map[string]string{"last_run_at": "2026-11-23 03:00:00", "date_changed": "2026-11-23 10:00:00"}, due},
		{map[string]string{"last_run_at": "2026-11-23 03:00:00"}, runs}, // edited since the missed slot

		{map[string]string{"last_run_at": "2026-11-23 03:00:00", "date_changed": "2026-11-23 10:00:00", "enabled": "0"}, runs},
		{map[string]string{"date_changed": "2026-11-20 00:00:00"}, due},
		{map[string]string{"start_time": "2030-01-01 00:00:00"}, runs},
		{map[string]string{"crontab_id": "NULL", "interval_id": "1"}, runs},
		{map[string]string{"crontab_id": "NULL", "clocked_id": "1"}, runs},
		{map[string]string{"crontab_id": "NULL", "clocked_id": "2"}, over("its time was before it was last changed or enabled")},
		{map[string]string{"crontab_id": "NULL", "clocked_id": "2", "date_changed": "2019-12-31 00:00:00"}, due},
		{map[string]string{"crontab_id": "NULL", "clocked_id": "2", "last_run_at": "2020-01-01 00:00:00"}, over("it has already run")},
		{map[string]string{"crontab_id": "NULL", "solar_id": "1"}, runs},
		{map[string]string{"one_off": "1", "total_run_count": "1"}, over("it is one-off and has already run")},
		{map[string]string{"crontab_id": "2"}, []string{no + `The minute "61" is invalid: "61" is not a number from 0 to 59 (1) 1 (report)`}},
		{map[string]string{"crontab_id": "9"}, []string{no + "its schedule is missing (1) 1 (report)"}},
		{map[string]string{"crontab_id": "NULL"}, []string{no + "it has 0 schedules where one is needed (1) 1 (report)"}},
		{map[string]string{"interval_id": "1"}, []string{no + "it has 2 schedules where one is needed (1) 1 (report)"}},
		{map[string]string{"crontab_id": "NULL", "interval_id": "2"}, []string{no + `the number every is "often" (1) 1 (report)`}},
		{map[string]string{"crontab_id": "NULL", "clocked_id": "3"}, []string{no + `the clocked_time "soon" is not a date and time (1) 1 (report)`}},
		{map[string]string{"crontab_id": "NULL", "solar_id": "2"}, []string{no + `The latitude 91 is not from -90 to 90 (1) 1 (report)`}},
		{map[string]string{"crontab_id": "NULL", "solar_id": "3"}, []string{no + `the latitude "north" is not a number (1) 1 (report)`}},
		{map[string]string{"crontab_id": "NULL", "solar_id": "4"}, []string{no + `the longitude "" is not a number (1) 1 (report)`}},
		{map[string]string{"args": "{}"}, []string{no + `The args "{}" are not a JSON array (1) 1 (report)`}},
		{map[string]string{"args": "[1]"}, []string{no + "The args contain 1 values; generate_daily_report takes 0 (1) 1 (report)"}},
		{map[string]string{"args": strings.Repeat("x", 1000)}, []string{no + `The args "` + strings.Repeat("x", 189) + "… (1) 1 (report)"}},
		{map[string]string{"kwargs": "[]"}, []string{no + `The kwargs "[]" are not a JSON object (1) 1 (report)`}},
		{map[string]string{"expires": "2026-11-24 12:00:00"}, over("it has expired")},
		{map[string]string{"expires": "2026-11-25 03:00:00"}, over("it expires before its next run")},
		{map[string]string{"crontab_id": "3"}, over("its time never comes")},
		{map[string]string{"task": "noop"}, runs},
		{map[string]string{"task": "generate_daily_report"}, runs},
		{map[string]string{"expires": "2030-01-01 00:00:00"}, runs},
		{map[string]string{"expires": "never", "start_time": "whenever"}, []string{no + `the start_time "whenever" is not a date and time (1) 1 (report)`}},
		{map[string]string{"task": "shop.bill"}, []string{no + `Roster has no task "shop.bill" (1) 1 (report)`}},
		{map[string]string{"task": "shop.bill", "enabled": "0"},
			[]string{`info schedules.disabled: Disabled schedules that Roster could not run: Roster has no task "shop.bill" (1) 1 (report)`}},
		{map[string]string{"task": "celery.backend_cleanup"}, []string{"info schedules.ignored: Schedules that are not needed (1) 1 (report)"}},
	} {
		wantLines(t, scheduled(c.changes), c.want...)
	}
}

// scheduled returns a database with one schedule, and rows that it may refer to.
func scheduled(changes map[string]string) *fake {
	f := healthy()
	crontab := map[string]string{"minute": "0", "hour": "3", "day_of_week": "*", "day_of_month": "*", "month_of_year": "*", "timezone": "UTC"}
	f.rows["django_celery_beat_crontabschedule"] = []map[string]string{crontab, with(crontab, map[string]string{"minute": "61"}), with(crontab, map[string]string{"day_of_month": "31", "month_of_year": "2"})}
	f.rows["django_celery_beat_intervalschedule"] = []map[string]string{{"every": "1", "period": "days"}, {"every": "often", "period": "days"}}
	f.rows["django_celery_beat_clockedschedule"] = []map[string]string{
		{"clocked_time": "2030-01-01 00:00:00"}, {"clocked_time": "2020-01-01 00:00:00"}, {"clocked_time": "soon"},
	}
	f.rows["django_celery_beat_solarschedule"] = []map[string]string{
		{"event": "sunset", "latitude": "51.477928", "longitude": "-0.001545"}, {"event": "sunset", "latitude": "91", "longitude": "0"},
		{"event": "sunset", "latitude": "north", "longitude": "0"}, {"event": "sunset", "latitude": "1"},
	}
	f.rows["django_celery_beat_periodictask"] = []map[string]string{with(map[string]string{
		"name": "report", "task": "users.tasks.generate_daily_report", "enabled": "1", "args": "[]", "kwargs": "{}", "one_off": "0",
		"total_run_count": "0", "date_changed": "2026-11-24 10:00:00", "crontab_id": "1",
	}, changes)}
	return f
}

// accountsAlone returns a database of accounts, which is quick to look at.
func accountsAlone(accounts ...map[string]string) *fake {
	f := healthy()
	delete(f.Tables, "t_users")
	f.rows["auth_user"] = accounts
	return f
}

// FuzzTimes: what Go writes is readable, and what is called readable has at
// least the form of a date and time.
func FuzzTimes(f *testing.F) {
	for _, seed := range []string{
		"2025-11-21 10:30:00", "2025-11-21T10:30:00.123456789+01:30", "2025-02-30 10:30:00", "0000-00-00 00:00:00", "2025-11-21 1:30:00", "x",
		"2025-11-21 10:30:00,5", "2025-11-21 24:00:00", "2025-11-21 10:30:00Z",
	} {
		f.Add(seed, int64(0))
	}
	form := regexp.MustCompile(`^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$`)
	f.Fuzz(func(t *testing.T, text string, seconds int64) {
		written := time.Unix(seconds%(250_000_000_000), 0).UTC() // until the year 9892
		database := accountsAlone(account("!", map[string]string{"date_joined": text}),
			account("!", map[string]string{"date_joined": written.Format("2006-01-02 15:04:05.000000")}))
		var bad []string
		for _, finding := range inspect(t, database).Findings {
			if strings.HasPrefix(finding.ID, "auth_user.time.") {
				bad = append(bad, finding.Examples...)
			}
		}
		if written.Year() >= 0 && slices.Contains(bad, "2 (date_joined)") {
			t.Errorf("%v is called unreadable", written)
		}
		if text != "NULL" && !slices.Contains(bad, "1 (date_joined)") && !form.MatchString(text) {
			t.Errorf("%q is called readable", text)
		}
	})
}

// FuzzPasswords: whatever is stored, no finding shows what follows the name of
// an algorithm, and every account is counted once.
func FuzzPasswords(f *testing.F) {
	for _, seed := range []string{"pbkdf2_sha256$600000$salt$hash", "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdA$aGFzaA", "md5$$x", "!", "$", "a$b", "secret password"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		secret := "\x01" + encoded // no text of ours has it
		name, _, _ := strings.Cut(encoded, "$")
		counted := int64(0)
		for _, finding := range inspect(t, accountsAlone(account(name+"$"+secret, nil))).Findings {
			if text := fmt.Sprint(finding); strings.Contains(text, "\x01") {
				t.Errorf("%q is shown: %s", secret, text)
			}
			if strings.HasPrefix(finding.ID, "accounts.password.") && finding.ID != "accounts.password.weak" {
				counted += finding.Count
			}
		}
		if counted != 1 {
			t.Errorf("counted %d times, want once", counted)
		}
	})
}
