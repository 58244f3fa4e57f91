package user

import (
	"cmp"
	"slices"

	"roster/internal/fault"
	"roster/internal/form"
)

// checkUnique returns the input errors, including a username or e-mail taken by a
// user other than except. It only looks up valid values.
func checkUnique(tx Tx, change Change, except int64, faults fault.Fields) error {
	username, email := change.Values.Username, change.Values.Email // "" if omitted or invalid
	if username == "" && email == "" {
		return faults.Err()
	}
	usernameTaken, emailTaken, err := tx.TakenUser(username, email, except)
	if err != nil {
		return err
	}
	return inFieldOrder(append(slices.Clone(faults), taken(usernameTaken, emailTaken)...)).Err()
}

// taken returns the errors of names that other users have.
func taken(username, email bool) (faults fault.Fields) {
	if username {
		faults.Add("username", "t user with this username already exists.")
	}
	if email {
		faults.Add("email", "t user with this email already exists.")
	}
	return faults
}

// inFieldOrder sorts errors by the order of the table.
func inFieldOrder(faults fault.Fields) fault.Fields {
	place := func(f fault.Field) int {
		return slices.IndexFunc(table, func(c form.Column[User]) bool { return c.Name == f.Name })
	}
	slices.SortStableFunc(faults, func(a, b fault.Field) int { return cmp.Compare(place(a), place(b)) })
	return faults
}
