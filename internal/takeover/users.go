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

// userColumns are the columns of t_users but for id. The first six are texts,
// the last two times.
var userColumns = [...]string{
	"username", "email", "first_name", "last_name", "phone", "address", "is_active", "created_at", "updated_at",
}

// The places of columns in a row of userColumns.
const (
	atUsername = 0
	atEmail    = 1
	textsEnd   = 6
	atActive   = 6
	atCreated  = 7
)

// judgeUsers reads every user once, and names and addresses once more.
func (r *Report) judgeUsers(ctx context.Context, source Source, d Database) error {
	if !d.has(userTable, userColumns[:]) {
		return nil // the columns are a finding already
	}
	j := newUserJudge()
	if err := source.Each(ctx, userTable, userColumns[:], j.judge); err != nil {
		return err
	}
	// The second time tells those that are there twice from those whose
	// fingerprints are alike by chance.
	if err := source.Each(ctx, userTable, userColumns[:atEmail+1], j.recheck); err != nil {
		return err
	}
	j.report(r)
	return nil
}

// userJudge applies the rules to one row after another.
type userJudge struct {
	total, active    int64
	refused          map[refusal]*examples
	times            timeJudge
	encoding, casing examples
	spaces           examples
	emails           *repeats // by what Roster would store
	usernames        *repeats // by what a person might take them for
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

// judgeFields applies the rules that a request with these values would meet.
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

// judgeSpelling looks at what a save would write differently.
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

// stored returns a value of a column as an input of that kind.
func stored(value form.Text, kind form.Kind) form.Value {
	if !value.Valid {
		return form.Value{Kind: form.Null}
	}
	return form.Value{Kind: kind, Text: value.String}
}

// sameEmail returns what is equal for addresses that are the same but for case
// and outer white space.
func sameEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// sameName returns what is equal for names that differ in case and white space alone.
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
			Detail: "They are served as they are. A request that sends the whole user back, as the pages do, is refused until the field is mended.",
			Remedy: "Mend the field of the users with these ids.",
		})
	}
	r.noted(j.encoding, finding.Finding{
		ID: "users.encoding", Severity: finding.Warning, Title: "Texts of users are not UTF-8",
		Detail: "Django fails when it reads them.", Remedy: "Write these texts anew.",
	})
	j.times.report(r, userTable)
	r.noted(j.casing, finding.Finding{
		ID: "users.email.case", Severity: finding.Warning, Title: "E-mail addresses are stored with capital letters",
		Detail: "Roster, as the API of the Django system, stores addresses in lower case and compares them exactly: somebody else can be given the same address in lower case.",
		Remedy: "Lower the case of these addresses.",
	})
	r.noted(j.spaces, finding.Finding{
		ID: "users.spaces", Severity: finding.Info, Title: "Texts of users begin or end with white space",
		Detail: "The white space is cut off when the user is next saved.",
	})
}

func (j *userJudge) reportRepeats(r *Report) {
	r.noted(j.emails.found(), finding.Finding{
		ID: "users.email.duplicate", Severity: finding.Error, Title: "Several users have the same e-mail address but for its case",
		Detail: "Addresses are stored in lower case, where each can be had by one user alone. An example names the users with one address.",
		Remedy: "Give each of these users another address, or join them.",
	})
	r.noted(j.usernames.found(), finding.Finding{
		ID: "users.username.similar", Severity: finding.Warning, Title: "Usernames differ in case or white space alone",
		Detail: "Roster takes them for different users, as Django does on SQLite; people may not.",
		Remedy: "Rename those that are meant to be the same.",
	})
}

func compareRefusals(a, b refusal) int {
	if a.field != b.field {
		return strings.Compare(a.field, b.field)
	}
	return strings.Compare(a.message, b.message)
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
