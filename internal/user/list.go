package user

import (
	"context"
	"time"

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

// Tally is how many users a query finds, apart by whether they are active.
type Tally struct {
	Active, Inactive int64
	More             bool // there are more: counting ended at its limit
}

// Of returns how many of the counted users a choice leaves.
func (t Tally) Of(c Choice) int64 {
	switch c {
	case OnlyTrue:
		return t.Active
	case OnlyFalse:
		return t.Inactive
	case Either:
	}
	return t.Active + t.Inactive
}

// Tally counts the users that q finds, whatever its IsActive says: exactly
// where the storage need not look at each of them, else up to limit of them,
// at least 1.
func (u *Users) Tally(ctx context.Context, actor access.Actor, q Query, limit int64) (Tally, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return Tally{}, err
	}
	q.IsActive, q.Order = Either, ""
	if q != (Query{}) {
		return u.store.TallyUsers(ctx, q, max(limit, 1))
	}
	total, err := u.store.CountUsers(ctx, q)
	if err != nil {
		return Tally{}, err
	}
	active, err := u.store.CountActiveUsers(ctx)
	// Between the two counts users may have been deleted.
	return Tally{Active: active, Inactive: max(0, total-active)}, err
}

// Some returns up to limit of the users that q finds, in its order, after
// skipping offset of them. Unlike List it counts nothing.
func (u *Users) Some(ctx context.Context, actor access.Actor, q Query, offset int64, limit int) ([]User, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return nil, err
	}
	return u.store.ListUsers(ctx, q, offset, limit)
}

// CreatedSpan returns when the oldest and the newest user were created; two
// zero times when there is none.
func (u *Users) CreatedSpan(ctx context.Context, actor access.Actor) (first, last time.Time, err error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return time.Time{}, time.Time{}, err
	}
	return u.store.CreatedSpan(ctx)
}
