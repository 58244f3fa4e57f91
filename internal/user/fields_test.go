package user_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/form"
	"roster/internal/user"
)

func TestFields_OrderAndLabels(t *testing.T) {
	t.Parallel()
	var got []string
	for _, field := range user.Table().Fields() {
		got = append(got, field.Name+" "+string(field.Type)+" "+field.Label)
	}
	want := []string{
		"id integer Id", "username string Username", "email email Email", "first_name string First name",
		"last_name string Last name", "phone string Phone", "address string Address",
		"is_active boolean Is active", "created_at datetime Created at", "updated_at datetime Updated at",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestFields_Rules(t *testing.T) {
	t.Parallel()
	got := map[string]form.Field{}
	for _, field := range user.Table().Fields() {
		name := field.Name
		field.Name, field.Label, field.Type, field.InputMode, field.Example = "", "", "", "", nil
		got[name] = field
	}
	name := form.Field{Nullable: true, Blank: true, MaxLength: 100}
	want := map[string]form.Field{
		"id":         {ReadOnly: true},
		"username":   {Required: true, MaxLength: 100, MinLength: 3},
		"email":      {Required: true, MaxLength: 255},
		"first_name": name,
		"last_name":  name,
		"phone":      {Nullable: true, Blank: true, MaxLength: 20},
		"address":    {Nullable: true, Blank: true},
		"is_active":  {},
		"created_at": {ReadOnly: true},
		"updated_at": {ReadOnly: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}
