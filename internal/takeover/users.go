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

// userFields returns the fields of users that the database has a column for, but
// the id; none when one of Django's is missing, which is a finding already.
func userFields(d Database) (fields []form.Field) {
	for _, f := range user.Table().Fields() {
		_, expected := d.Expected[userTable].column(f.Name)
		switch {
		case !d.has(userTable, []string{f.Name}) && expected:
			return nil
		case f.Name != "id" && d.has(userTable, []string{f.Name}):
			fields = append(fields, f)
		}
	}
	return fields
}

// judgeUsers reads every user, and names and addresses a second time.
func (r *Report) judgeUsers(ctx context.Context, source Source, d Database) error {
	j := newUserJudge(userFields(d))
	if len(j.columns) == 0 {
		return nil
	}
	if err := source.Each(ctx, userTable, j.columns, j.judge); err != nil {
		return err
	}
	// The second pass separates real duplicates from equal fingerprints.
	if err := source.Each(ctx, userTable, []string{"username", "email"}, j.recheck); err != nil {
		return err
	}
	j.report(r)
	return nil
}

// userJudge applies the rules to each row.
type userJudge struct {
	fields           []form.Field
	columns          []string // their names
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

func newUserJudge(fields []form.Field) *userJudge {
	j := &userJudge{fields: fields, refused: make(map[refusal]*examples), emails: newRepeats(), usernames: newRepeats()}
	for _, f := range fields {
		j.columns = append(j.columns, f.Name)
	}
	return j
}

// judge applies the rules that a request with the values of a row would meet.
func (j *userJudge) judge(row Row) error {
	id := strconv.FormatInt(row.ID, 10)
	j.total++
	input := make(form.Input, len(j.fields))
	spaced, email, username := false, "", ""
	for at, f := range j.fields {
		value := row.Values[at]
		switch f.Type {
		case form.TypeDateTime:
			j.times.judge(id, f.Name, value, false)
		case form.TypeBoolean:
			input[f.Name] = stored(value, form.Integer)
		default:
			input[f.Name] = stored(form.Text{String: j.decoded(id, value.String), Valid: value.Valid}, form.String)
			spaced = spaced || hasOuterSpace(value.String)
		}
		switch f.Name {
		case "email":
			email = value.String
		case "username":
			username = value.String
		}
	}
	if spaced {
		j.spaces.add(id)
	}
	j.judgeInput(id, input, email)
	j.emails.note(sameEmail(email))
	j.usernames.note(sameName(username))
	return nil
}

// decoded returns a text as UTF-8, and notes one that is not.
func (j *userJudge) decoded(id, text string) string {
	if !utf8.ValidString(text) {
		j.encoding.add(id)
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// judgeInput notes the faults of a user, and an address that a save would write
// differently.
func (j *userJudge) judgeInput(id string, input form.Input, email string) {
	change, faults := user.Validate(input, form.Replace)
	for _, field := range faults {
		for _, message := range field.Messages {
			note(j.refused, refusal{field.Name, message}, id)
		}
	}
	if input["is_active"].Text == "1" {
		j.active++
	}
	if saved := change.Values.Email; saved != "" && saved != email && !hasOuterSpace(email) {
		j.casing.add(id)
	}
}

func hasOuterSpace(s string) bool { return strings.TrimSpace(s) != s }

func (j *userJudge) recheck(row Row) error {
	id := strconv.FormatInt(row.ID, 10)
	j.usernames.recheck(sameName(row.Values[0].String), id)
	j.emails.recheck(sameEmail(row.Values[1].String), id)
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
