package takeover

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"roster/internal/finding"
	"roster/internal/phrase"
)

const accountTable = "auth_user"

var accountColumns = [...]string{"password", "is_superuser", "is_staff", "is_active", "last_login", "date_joined"}

// algorithms are Django's password hashers that Roster also verifies, each with
// a function that reports whether a hash is weak by today's standards.
var algorithms = map[string]func(parameters []string) bool{
	"argon2":        isWeakArgon2,
	"pbkdf2_sha256": func(p []string) bool { return numberAt(p, 0) < 600_000 },
	"pbkdf2_sha1":   func([]string) bool { return true },
	"scrypt":        func(p []string) bool { return numberAt(p, 0) < 1<<14 },
	"bcrypt_sha256": func(p []string) bool { return numberAt(p, 2) < 12 },
}

// unusable is Django's prefix of the hash of an account without a password.
const unusable = "!"

// judgeAccounts reads the staff accounts.
func (r *Report) judgeAccounts(ctx context.Context, source Source, d Database) error {
	if !d.has(accountTable, accountColumns[:]) {
		return nil // the columns or the table are already a finding
	}
	j := accountJudge{hashes: make(map[string]*examples)}
	if err := source.Each(ctx, accountTable, accountColumns[:], j.judge); err != nil {
		return err
	}
	j.report(r)
	return nil
}

type accountJudge struct {
	total, active, staff, superusers, admins int64
	hashes                                   map[string]*examples // by algorithm
	weak                                     examples
	times                                    timeJudge
}

func (j *accountJudge) judge(row Row) error {
	id := strconv.FormatInt(row.ID, 10)
	superuser, staff, active := row.Values[1].String == "1", row.Values[2].String == "1", row.Values[3].String == "1"
	j.total++
	j.active += one(active)
	j.staff += one(staff)
	j.superusers += one(superuser)
	j.admins += one(superuser && active)
	j.judgePassword(id, row.Values[0].String)
	j.times.judge(id, "last_login", row.Values[4], true)
	j.times.judge(id, "date_joined", row.Values[5], false)
	return nil
}

func one(truth bool) int64 {
	if truth {
		return 1
	}
	return 0
}

func (j *accountJudge) judgePassword(id, encoded string) {
	name, parameters := algorithmOf(encoded)
	note(j.hashes, name, id)
	if isWeak := algorithms[name]; isWeak != nil && isWeak(parameters) {
		j.weak.add(id)
	}
}

// algorithmOf returns the name of a hash's algorithm and its parameters. See
// Django's documentation, "Password management":
// algorithm$iterations$salt$hash. Without a name it returns unknown; no part of
// a hash may be shown.
func algorithmOf(encoded string) (name string, parameters []string) {
	if strings.HasPrefix(encoded, unusable) || encoded == "" {
		return "unusable", nil
	}
	name, rest, found := strings.Cut(encoded, "$")
	if !found || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || len(name) > 20 {
		return "unknown", nil
	}
	return name, strings.Split(rest, "$")
}

// isWeakArgon2 reports whether a hash uses less memory than OWASP's minimum, 19
// MiB. Its parameters are argon2id, v=19, m=102400,t=2,p=8, salt, hash.
func isWeakArgon2(parameters []string) bool {
	for _, part := range parameters {
		if memory, ok := strings.CutPrefix(part, "m="); ok {
			memory, _, _ = strings.Cut(memory, ",")
			return numberAt([]string{memory}, 0) < 19_456
		}
	}
	return true
}

// numberAt returns a part as a number, 0 if it is not one.
func numberAt(parts []string, i int) int64 {
	if i >= len(parts) {
		return 0
	}
	n, err := strconv.ParseInt(parts[i], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (j *accountJudge) report(r *Report) {
	r.add(finding.Finding{
		ID: "accounts.count", Severity: finding.Info, Title: "Staff accounts", Count: j.total,
		Detail: fmt.Sprintf("%s: %d active, %d staff, %s.", phrase.Count(j.total, "account"), j.active, j.staff, phrase.Count(j.superusers, "superuser")),
	})
	if j.admins == 0 {
		r.add(finding.Finding{
			ID: "accounts.no-superuser", Severity: finding.Warning, Title: "There is no active superuser",
			Detail: "No one could grant permissions.", Remedy: "Run roster createsuperuser after the takeover.",
		})
	}
	for _, name := range sortedKeys(j.hashes) {
		r.noted(*j.hashes[name], passwordFinding(name))
	}
	r.noted(j.weak, finding.Finding{
		ID: "accounts.password.weak", Severity: finding.Info, Title: "Passwords have weak hashes by today's standards",
		Detail: "They remain valid: fewer than 600,000 iterations of PBKDF2, SHA-1, or a low cost of argon2, scrypt or bcrypt.",
		Remedy: "Ask these people to set a new password, or to log in once with Django 4.2 before.",
	})
	j.times.report(r, accountTable)
}

func passwordFinding(name string) finding.Finding {
	f := finding.Finding{ID: "accounts.password." + name, Severity: finding.Info, Title: "Passwords hashed with " + name}
	switch {
	case name == "unusable":
		f.Title, f.Detail = "Accounts without a password", "No one can log in to them with a password, as in Django."
	case algorithms[name] != nil:
		f.Detail = "Roster verifies them unchanged."
	default:
		f.Severity, f.Title = finding.Warning, "Passwords that Roster cannot verify: "+name
		f.Detail = "These people cannot log in to Roster; their accounts remain."
		f.Remedy = "Ask them to log in once with Django and a modern hasher first in PASSWORD_HASHERS, or set a password with roster changepassword."
	}
	return f
}
