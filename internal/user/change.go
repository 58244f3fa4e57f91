package user

import (
	"cmp"
	"slices"

	"roster/internal/fault"
	"roster/internal/form"
)

// checkUnique returns the faults of the input, with those that only the other
// rows can tell: a username or an e-mail that another user than except has.
// Only values that are valid by themselves are looked up.
func checkUnique(tx Tx, change Change, except int64, faults fault.Fields) error {
	username, email := change.Values.Username, change.Values.Email // "" when not given, or not valid
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

// inFieldOrder sorts the faults by the order of the table.
func inFieldOrder(faults fault.Fields) fault.Fields {
	place := func(f fault.Field) int {
		return slices.IndexFunc(table, func(c form.Column[User]) bool { return c.Name == f.Name })
	}
	slices.SortStableFunc(faults, func(a, b fault.Field) int { return cmp.Compare(place(a), place(b)) })
	return faults
}
