package user

import (
	"context"

	"roster/internal/access"
	"roster/internal/fault"
)

// LastPage asks List for the last page.
const LastPage = -1

// Page is one page of the list of users.
type Page struct {
	Users  []User
	Number int64 // from 1
	Pages  int64 // at least 1
	Total  int64 // exact number of users that the query finds
}

// List returns a page of size users of those that q finds. number is from 1,
// or LastPage. A page that does not exist is NotFound; page 1 always exists.
func (u *Users) List(ctx context.Context, actor access.Actor, q Query, number int64, size int) (Page, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return Page{}, err
	}
	total, err := u.store.CountUsers(ctx, q)
	if err != nil {
		return Page{}, err
	}
	page := Page{Number: number, Pages: max(1, (total+int64(size)-1)/int64(size)), Total: total}
	if number == LastPage {
		page.Number = page.Pages
	}
	if page.Number < 1 || page.Number > page.Pages {
		return Page{}, fault.New(fault.NotFound, "Invalid page.")
	}
	if total == 0 {
		return page, nil
	}
	page.Users, err = u.store.ListUsers(ctx, q, (page.Number-1)*int64(size), size)
	return page, err
}
