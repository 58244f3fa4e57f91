package user

import (
	"cmp"
	"slices"

	"roster/internal/fault"
	"roster/internal/form"
)

// Change is a valid and normalised input: nil means left alone.
type Change struct {
	Username  *string
	Email     *string
	FirstName *form.Text
	LastName  *form.Text
	Phone     *form.Text
	Address   *form.Text
	IsActive  *bool
}

// apply returns the user with the changes made.
func (c Change) apply(u User) User {
	set(&u.Username, c.Username)
	set(&u.Email, c.Email)
	set(&u.FirstName, c.FirstName)
	set(&u.LastName, c.LastName)
	set(&u.Phone, c.Phone)
	set(&u.Address, c.Address)
	set(&u.IsActive, c.IsActive)
	return u
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// checkUnique returns the faults of the input, with those that only the other
// rows can tell: a username or an e-mail that another user than except has.
// Only values that are valid by themselves are looked up.
func checkUnique(tx Tx, change Change, except int64, faults fault.Fields) error {
	username, email := candidate(change.Username, faults, "username"), candidate(change.Email, faults, "email")
	if username == "" && email == "" {
		return faults.Err()
	}
	usernameTaken, emailTaken, err := tx.TakenUser(username, email, except)
	if err != nil {
		return err
	}
	all := slices.Clone(faults)
	if usernameTaken {
		all.Add("username", "t user with this username already exists.")
	}
	if emailTaken {
		all.Add("email", "t user with this email already exists.")
	}
	return inFieldOrder(all).Err()
}

func candidate(value *string, faults fault.Fields, name string) string {
	if value == nil || faults.Has(name) {
		return ""
	}
	return *value
}

// inFieldOrder sorts the faults by the order of Fields.
func inFieldOrder(faults fault.Fields) fault.Fields {
	if len(faults) < 2 {
		return faults
	}
	place := make(map[string]int, len(Fields()))
	for i, field := range Fields() {
		place[field.Name] = i
	}
	slices.SortStableFunc(faults, func(a, b fault.Field) int {
		return cmp.Compare(place[a.Name], place[b.Name])
	})
	return faults
}
