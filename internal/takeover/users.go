package takeover

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"roster/internal/finding"
	"roster/internal/form"
	"roster/internal/phrase"
	"roster/internal/user"
)

const userTable = "t_users"

// userColumns are the columns of t_users except id. The first six are texts,
// the last two times.
var userColumns = [...]string{
	"username", "email", "first_name", "last_name", "phone", "address", "is_active", "created_at", "updated_at",
}

// The indexes of columns in a row of userColumns.
const (
	atUsername = 0
	atEmail    = 1
	textsEnd   = 6
	atActive   = 6
	atCreated  = 7
)

// judgeUsers reads every user, and names and addresses a second time.
func (r *Report) judgeUsers(ctx context.Context, source Source, d Database) error {
	if !d.has(userTable, userColumns[:]) {
		return nil // the columns are a finding already
	}
	j := newUserJudge()
	if err := source.Each(ctx, userTable, userColumns[:], j.judge); err != nil {
		return err
	}
	// The second pass separates real duplicates from equal fingerprints.
	if err := source.Each(ctx, userTable, userColumns[:atEmail+1], j.recheck); err != nil {
		return err
	}
	j.report(r)
	return nil
}

// userJudge applies the rules to each row.
type userJudge struct {
	total, active    int64
	refused          map[refusal]*examples
	times            timeJudge
	encoding, casing examples
	spaces           examples
	emails           *repeats // in the form that Roster would store
	usernames        *repeats // in the form that a person might confuse
}

// refusal is a rule that a field breaks.
type refusal struct{ field, message string }

func newUserJudge() *userJudge {
	return &userJudge{refused: make(map[refusal]*examples), emails: newRepeats(), usernames: newRepeats()}
}

func (j *userJudge) judge(row Row) error {
	id := strconv.FormatInt(row.ID, 10)
	j.total++
	if row.Values[atActive].String == "1" {
		j.active++
	}
	j.judgeFields(id, row)
	for at := atCreated; at < len(userColumns); at++ {
		j.times.judge(id, userColumns[at], row.Values[at], false)
	}
	j.emails.note(sameEmail(row.Values[atEmail].String))
	j.usernames.note(sameName(row.Values[atUsername].String))
	return nil
}

// judgeFields applies the rules for a request with these values.
func (j *userJudge) judgeFields(id string, row Row) {
	input := make(form.Input, atActive+1)
	for at, value := range row.Values[:textsEnd] {
		if !utf8.ValidString(value.String) {
			j.encoding.add(id)
			value.String = strings.ToValidUTF8(value.String, "\uFFFD")
		}
		input[userColumns[at]] = stored(value, form.String)
	}
	input["is_active"] = stored(row.Values[atActive], form.Integer)
	change, faults := user.Validate(input, form.Replace)
	for _, field := range faults {
		for _, message := range field.Messages {
			note(j.refused, refusal{field.Name, message}, id)
		}
	}
	j.judgeSpelling(id, row, change)
}

// judgeSpelling checks what a save would change.
func (j *userJudge) judgeSpelling(id string, row Row, change user.Change) {
	if email := row.Values[atEmail].String; change.Email != nil && *change.Email != email && !hasOuterSpace(email) {
		j.casing.add(id)
	}
	if slices.ContainsFunc(row.Values[:textsEnd], func(t form.Text) bool { return hasOuterSpace(t.String) }) {
		j.spaces.add(id)
	}
}

func hasOuterSpace(s string) bool { return strings.TrimSpace(s) != s }

func (j *userJudge) recheck(row Row) error {
	id := strconv.FormatInt(row.ID, 10)
	j.emails.recheck(sameEmail(row.Values[atEmail].String), id)
	j.usernames.recheck(sameName(row.Values[atUsername].String), id)
	return nil
}

// stored returns a column value as form input of that kind.
func stored(value form.Text, kind form.Kind) form.Value {
	if !value.Valid {
		return form.Value{Kind: form.Null}
	}
	return form.Value{Kind: kind, Text: value.String}
}

// sameEmail returns equal results for addresses that differ only in case and
// surrounding white space.
func sameEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// sameName returns equal results for names that differ only in case and white
// space.
func sameName(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

func (j *userJudge) report(r *Report) {
	r.add(finding.Finding{
		ID: "users.count", Severity: finding.Info, Title: "Users", Count: j.total,
		Detail: fmt.Sprintf("%s, of which %d %s active.", phrase.Count(j.total, "user"), j.active, phrase.Verb(j.active, "is", "are")),
	})
	j.reportRepeats(r)
	for _, why := range slices.SortedFunc(maps.Keys(j.refused), compareRefusals) {
		r.noted(*j.refused[why], finding.Finding{
			ID: "users.invalid." + why.field, Severity: finding.Warning, Title: "The " + why.field + " of users breaks a rule: " + why.message,
			Detail: "They are served unchanged. A request that sends the whole user, as the pages do, is rejected until the field is fixed.",
			Remedy: "Fix the field of the users with these ids.",
		})
	}
	r.noted(j.encoding, finding.Finding{
		ID: "users.encoding", Severity: finding.Warning, Title: "Texts of users are not UTF-8",
		Detail: "Django fails to read them.", Remedy: "Rewrite these texts.",
	})
	j.times.report(r, userTable)
	r.noted(j.casing, finding.Finding{
		ID: "users.email.case", Severity: finding.Warning, Title: "E-mail addresses are stored with capital letters",
		Detail: "Like the Django API, Roster stores addresses in lower case and compares them exactly: another user can get the same address in lower case.",
		Remedy: "Convert these addresses to lower case.",
	})
	r.noted(j.spaces, finding.Finding{
		ID: "users.spaces", Severity: finding.Info, Title: "Texts of users have leading or trailing white space",
		Detail: "It is trimmed when the user is next saved.",
	})
}

func (j *userJudge) reportRepeats(r *Report) {
	r.noted(j.emails.found(), finding.Finding{
		ID: "users.email.duplicate", Severity: finding.Error, Title: "Several users have the same e-mail address except for case",
		Detail: "Addresses are stored in lower case and must be unique. Each example lists the users with one address.",
		Remedy: "Give these users different addresses, or merge them.",
	})
	r.noted(j.usernames.found(), finding.Finding{
		ID: "users.username.similar", Severity: finding.Warning, Title: "Usernames differ only in case or white space",
		Detail: "Roster treats them as different users, as Django does on SQLite; people may not.",
		Remedy: "Rename them if they are easily confused.",
	})
}

func compareRefusals(a, b refusal) int {
	if a.field != b.field {
		return strings.Compare(a.field, b.field)
	}
	return strings.Compare(a.message, b.message)
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
