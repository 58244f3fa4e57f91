package user_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/form"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// Every change leaves one entry, by any actor, and nothing else does.
func TestUsers_LeaveATrail(t *testing.T) {
	t.Parallel()
	db := storetest.OpenSQLite(t)
	users := user.NewUsers(db, newClock().now, slog.New(slog.DiscardHandler))
	ctx, actor := t.Context(), access.System("import").From(access.Origin{Address: "192.0.2.1", RequestID: "r1"})
	made, err := users.CreateOnce(ctx, actor, key, input("first"))
	if err != nil {
		t.Fatal(err)
	}
	change := form.Input{"phone": {Kind: form.String, Text: "1"}, "is_active": {Kind: form.Boolean}}
	steps := []error{
		errorOf(users.CreateOnce(ctx, actor, key, input("first"))), // answered before
		errorOf(users.Update(ctx, actor, made.ID, change, form.Partial)),
		errorOf(users.Update(ctx, actor, made.ID, change, form.Partial)), // nothing new, so no entry
		users.Delete(ctx, actor, made.ID),
	}
	for i, err := range steps {
		if err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	_, invalid := users.Create(ctx, actor, form.Input{})
	if users.Delete(ctx, actor, made.ID) == nil || invalid == nil {
		t.Error("what cannot be done was done")
	}
	want := []string{
		"create first username:<nil>>first email:<nil>>first@example.com is_active:<nil>>true",
		"update first phone:<nil>>1 is_active:true>false",
		"delete first username:first><nil> email:first@example.com><nil> phone:1><nil> is_active:false><nil>",
	}
	rows, err := db.ListAudit(ctx, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if i >= len(want) || describe(r) != want[i] {
			t.Errorf("entry %d: got %s", i, describe(r))
		}
		if r.Actor != "system:import" || r.Origin != actor.Origin() || r.Object.ID != made.ID || r.At.IsZero() {
			t.Errorf("entry %d: got %+v", i, r)
		}
	}
	if len(rows) != len(want) {
		t.Errorf("got %d entries, want %d", len(rows), len(want))
	}
}

func errorOf(_ user.User, err error) error { return err }

func describe(r audit.Row) string {
	words := []string{string(r.Action), r.Object.Name}
	for _, c := range r.Changes {
		words = append(words, fmt.Sprintf("%s:%v>%v", c.Field, c.Old, c.New))
	}
	return strings.Join(words, " ")
}
