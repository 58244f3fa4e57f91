package user

import (
	"context"
	"time"

	"roster/internal/access"
	"roster/internal/query"
)

// Page is one page of the list of users.
type Page struct {
	query.Page // Total is the exact number of matching users

	Users []User
}

// List returns a page of users that match q. number is from 1, or
// query.LastPage. A page that does not exist is NotFound; page 1 always exists.
func (u *Users) List(ctx context.Context, actor access.Actor, q Query, number int64, size int) (Page, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return Page{}, err
	}
	total, err := u.store.CountUsers(ctx, q)
	if err != nil {
		return Page{}, err
	}
	place, err := query.NewPage(number, total, int64(size))
	if err != nil {
		return Page{}, err
	}
	page := Page{Page: place}
	if total == 0 {
		return page, nil
	}
	page.Users, err = u.store.ListUsers(ctx, q, (page.Number-1)*int64(size), size)
	return page, err
}

// Window is the part of the matches that Look returns.
type Window struct {
	Offset int64
	Limit  int
	Count  int64 // maximum number of users to count, at least 1
}

// Look returns some of the users that match q, in its order, and counts the
// matches regardless of its IsActive: up to w.Count for a search or filter; all users
// exactly, or as of up to a minute ago if counting takes longer than 20 ms.
func (u *Users) Look(ctx context.Context, actor access.Actor, q Query, w Window) (Counts, []User, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return Counts{}, nil, err
	}
	if q.Search != "" || q.Filter != "" || !q.From.IsZero() || !q.Before.IsZero() {
		w.Count = max(w.Count, 1)
		return u.store.LookUsers(ctx, q, w)
	}
	counts, err := u.countAll(ctx)
	if err != nil {
		return Counts{}, nil, err
	}
	users, err := u.store.ListUsers(ctx, q, w.Offset, w.Limit)
	return counts, users, err
}

// Some returns up to limit users that match q, in its order, after skipping
// offset, without counting.
func (u *Users) Some(ctx context.Context, actor access.Actor, q Query, offset int64, limit int) ([]User, error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return nil, err
	}
	return u.store.ListUsers(ctx, q, offset, limit)
}

// CreatedSpan returns when the oldest and the newest user were created, zero if
// there is none.
func (u *Users) CreatedSpan(ctx context.Context, actor access.Actor) (first, last time.Time, err error) {
	if err := actor.Check(access.ViewUser); err != nil {
		return time.Time{}, time.Time{}, err
	}
	return u.store.CreatedSpan(ctx)
}
