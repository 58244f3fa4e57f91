package user_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// Each text has a length, in code points.
func TestValidate_Lengths(t *testing.T) {
	t.Parallel()
	for field, c := range map[string]struct {
		least, most int
		end         string
	}{
		"username": {3, 100, ""}, "email": {0, 255, "@example.com"}, "first_name": {0, 100, ""}, "last_name": {0, 100, ""}, "phone": {0, 20, ""},
	} {
		for _, n := range []int{c.least - 1, c.least, c.least + 1, c.most - 1, c.most, c.most + 1} {
			filler := "é"
			if field == "email" {
				filler = "e"
			}
			if n <= len(c.end) {
				continue
			}
			in := input("ann")
			in[field] = form.Value{Kind: form.String, Text: strings.Repeat(filler, n-len(c.end)) + c.end}
			_, faults := user.Validate(in, form.Create)
			if want := n >= c.least && n <= c.most; want != (len(faults) == 0) {
				t.Errorf("%s of %d: got %v", field, n, faults)
			}
		}
	}
}

// What a column stores limits a field, in each of its ways alone.
func TestWithin_Limits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limit   user.Limit
		fits    []string
		refused map[string]string
	}{
		"none":   {user.Limit{}, []string{strings.Repeat("x", 100), "😀"}, nil},
		"length": {user.Limit{Length: 4}, []string{"", "aaa", "éééé"}, map[string]string{"aaaaa": "no more than 4 characters"}},
		"bytes":  {user.Limit{Bytes: 4}, []string{"", "aaaa", "éé"}, map[string]string{"aaaaa": "no more than 4 bytes", "ééé": "no more than 4 bytes"}},
		"widest": {user.Limit{Widest: 0xff}, []string{"", "þ", "ÿ"}, map[string]string{"aĀ": "the character 'Ā'"}},
	} {
		users, _ := newUsers(t, storetest.OpenSQLite(t), newClock())
		users.Within(user.Limits{"first_name": c.limit})
		create := func(text string, n int) error {
			in := input(fmt.Sprint("user", n))
			in["first_name"] = form.Value{Kind: form.String, Text: text}
			_, err := users.Create(t.Context(), everybody, in)
			return err
		}
		for i, text := range c.fits {
			if err := create(text, i); err != nil {
				t.Errorf("%s: %q: got %v", name, text, err)
			}
		}
		for text, want := range c.refused {
			if err := create(text, 9); fault.KindOf(err) != fault.Invalid || !strings.Contains(faults(err), want) {
				t.Errorf("%s: %q: got %v, want %q", name, text, faults(err), want)
			}
		}
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{63: 63, 64: 64, 65: 64} {
		var u user.Unreadable
		u.Add("created_at", strings.Repeat("x", n))
		if got := u.String(); got != `created_at "`+strings.Repeat("x", want)+`"` {
			t.Errorf("%d bytes: got %s", n, got)
		}
	}
	var u user.Unreadable
	if u.Any() || u.Has("is_active") || len(u.Fields()) != 0 || u.String() != "" {
		t.Errorf("got %+v, want none", u)
	}
	u.Add("updated_at", " ~\x1f\x7f\"é")
	u.Add("is_active", "7")
	if !u.Any() || !u.Has("is_active") || !u.Has("updated_at") || u.Has("created_at") || u.Has("none") ||
		!slices.Equal(u.Fields(), []string{"is_active", "updated_at"}) || u.String() != `updated_at " ~????", is_active "7"` {
		t.Errorf("got %v, %s", u.Fields(), u)
	}
	var one, other user.User
	one.Unreadable.Add("is_active", "7")
	other.Unreadable.Add("is_active", "8")
	if one.Version() == other.Version() {
		t.Error("the version is the same for another stored value")
	}
}

// A batch has at most 500 users, and a key of a request is known for a day.
func TestLimits_OfRequests(t *testing.T) {
	t.Parallel()
	c := newClock()
	c.still = true
	users, _ := newUsers(t, storetest.OpenSQLite(t), c)
	for n, want := range map[int]bool{499: true, 500: true, 501: false} {
		_, err := users.DeleteBatch(t.Context(), everybody, user.Batch{IDs: make([]int64, n)})
		if want != (err == nil) || !want && fault.KindOf(err) != fault.Invalid {
			t.Errorf("a batch of %d: got %v", n, err)
		}
	}
	begin := c.at
	for _, at := range []time.Duration{0, 24*time.Hour - time.Microsecond, 24 * time.Hour} {
		c.at = begin.Add(at)
		if _, err := users.CreateOnce(t.Context(), everybody, "key", input("ann")); err != nil {
			t.Errorf("after %v: got %v, want the first answer", at, err)
		}
	}
	c.at = begin.Add(24*time.Hour + time.Microsecond)
	if _, err := users.CreateOnce(t.Context(), everybody, "key", input("ann")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("after a day: got %v, want a name that is taken", err)
	}
}

// versions is a storage that knows its version or not.
type versions struct {
	user.Store
	n  uint64
	ok bool
}

func (v *versions) Version(context.Context) (uint64, bool) { return v.n, v.ok }

// Statistics that were counted while the version was known are not used when it is
// not, nor the other way.
func TestStatistics_VersionComesAndGoes(t *testing.T) {
	t.Parallel()
	db := &versions{Store: storetest.OpenSQLite(t)}
	c := newClock()
	c.still = true
	users, _ := newUsers(t, db, c)
	for i, known := range []bool{false, true, false} {
		mustCreate(t, users, fmt.Sprint("user", i))
		db.ok = known
		got, err := users.Statistics(t.Context(), everybody, 1, nil)
		if err != nil || got.Total != int64(i+1) {
			t.Errorf("%d: got %d users, %v, want %d", i, got.Total, err, i+1)
		}
	}
}

// Each method of a subscription and of dependents needs its permission, and a
// change is logged when there is one.
func TestSubscriptions_PermissionsAndLog(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	users, _ := newUsers(t, db, newClock())
	ann := mustCreate(t, users, "ann")
	var log bytes.Buffer
	subs := user.NewSubscriptions(db, signer{"a secret"}, time.Now, slog.New(slog.NewTextHandler(&log, nil)))
	may := func(permissions ...access.Permission) access.Actor {
		return access.NewActor(access.Account{ID: 1, Username: "x", IsStaff: true, Permissions: permissions})
	}
	for name, call := range map[string]func(access.Actor) error{
		"Gets, view_tuser":       func(a access.Actor) error { _, err := subs.Gets(t.Context(), a, ann.ID); return err },
		"Set, change_tuser":      func(a access.Actor) error { return subs.Set(t.Context(), a, ann.ID, true) },
		"Dependents, view_tuser": func(a access.Actor) error { _, err := users.Dependents(t.Context(), a, ann.ID); return err },
	} {
		for _, p := range []access.Permission{access.ViewUser, access.AddUser, access.ChangeUser, access.DeleteUser} {
			err := call(may(p))
			if want := strings.HasSuffix(name, strings.TrimPrefix(string(p), "users.")); want != (err == nil) || !want && fault.KindOf(err) != fault.Denied {
				t.Errorf("%s with %s: got %v", name, p, err)
			}
		}
	}
	for _, c := range []struct {
		gets  bool
		lines int
	}{{true, 0}, {false, 1}, {false, 1}, {true, 2}} {
		if err := subs.Set(t.Context(), everybody, ann.ID, c.gets); err != nil || strings.Count(log.String(), "subscription to mailings changed") != c.lines {
			t.Errorf("gets %v: got %v and the log\n%s", c.gets, err, &log)
		}
	}
	if err := subs.Set(t.Context(), everybody, ann.ID+1, false); fault.KindOf(err) != fault.NotFound || strings.Count(log.String(), "changed") != 2 {
		t.Errorf("a user that is missing: got %v and the log\n%s", err, &log)
	}
}
