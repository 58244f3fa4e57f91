package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"roster/internal/store/sqldb"
	"roster/internal/store/storetest"
	"roster/internal/user"
)

// execute runs statements of a test's own.
func execute(t *testing.T, db user.Store, statements ...string) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx user.Tx) error {
		for _, statement := range statements {
			if _, err := tx.(sqldb.Conn).Exec(statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestStored_Unreadable has one of three users stored as no user can be: all are
// served, and that one can be changed and deleted.
func TestStored_Unreadable(t *testing.T) {
	t.Parallel()
	for set, fields := range map[string]string{
		"created_at = ''": `"created_at"`,
		"created_at = 1764000000, updated_at = 'long ago'": `"created_at","updated_at"`,
		"is_active = 'maybe', updated_at = ''":             `"is_active","updated_at"`,
	} {
		t.Run(set, func(t *testing.T) {
			t.Parallel()
			db := storetest.OpenSQLite(t)
			f := newFixture(t, db, setup{})
			for _, name := range []string{"ann", "bob", "eve"} {
				f.create(t, name)
			}
			execute(t, db, "UPDATE t_users SET "+set+" WHERE username = 'bob'")
			wantUnreadable(t, f, `"unreadable":[`+fields+`]`)
		})
	}
}

func wantUnreadable(t *testing.T, f *fixture, mark string) {
	t.Helper()
	for _, target := range []string{"/api/users/", "/api/users/?search=bob", "/api/users/?ordering=-created_at", "/api/users/2/"} {
		if w := f.do(t, http.MethodGet, target, ""); w.Code != http.StatusOK || strings.Count(w.Body.String(), mark) != 1 {
			t.Errorf("GET %s: got %d %s, want %s once", target, w.Code, w.Body, mark)
		}
	}
	if w := f.do(t, http.MethodGet, "/api/users/active_count/", ""); w.Code != http.StatusOK {
		t.Errorf("active_count: got %d", w.Code)
	}
	tag := f.do(t, http.MethodGet, "/api/users/2/", "").Header().Get("ETag")
	w := f.do(t, http.MethodPatch, "/api/users/2/", `{"phone":"1"}`, "If-Match", tag)
	if body := w.Body.String(); w.Code != http.StatusOK || strings.Contains(body, "unreadable") || !strings.Contains(body, `"created_at":"20`) {
		t.Errorf("PATCH: got %d %s, want it mended", w.Code, body)
	}
	if w := f.do(t, http.MethodPatch, "/api/users/2/", `{"phone":"2"}`, "If-Match", tag); w.Code != http.StatusPreconditionFailed {
		t.Errorf("PATCH with the old tag: got %d, want 412", w.Code)
	}
	if w := f.do(t, http.MethodDelete, "/api/users/2/", ""); w.Code != http.StatusNoContent {
		t.Errorf("DELETE: got %d %s", w.Code, w.Body)
	}
}

// TestStored_WithoutFractions has columns of whole seconds: the tag of an answer
// is that of what was stored, and no tag survives a change.
func TestStored_WithoutFractions(t *testing.T) {
	t.Parallel()
	db := storetest.OpenMySQL(t)
	execute(t, db, "ALTER TABLE t_users MODIFY created_at datetime NOT NULL, MODIFY updated_at datetime NOT NULL")
	f := newFixture(t, db, setup{})
	created := f.do(t, http.MethodPost, "/api/users/", `{"username":"ada","email":"ada@example.com"}`)
	read := f.do(t, http.MethodGet, "/api/users/1/", "")
	if read.Body.String() != created.Body.String() || read.Header().Get("ETag") != created.Header().Get("ETag") {
		t.Errorf("got %s %s, want what the create answered: %s %s", read.Header().Get("ETag"), read.Body, created.Header().Get("ETag"), created.Body)
	}
	tag := created.Header().Get("ETag")
	for _, body := range []string{`{"phone":"1"}`, `{"phone":"2"}`, `{"phone":"2"}`} {
		changed := f.do(t, http.MethodPatch, "/api/users/1/", body, "If-Match", tag)
		if changed.Code != http.StatusOK {
			t.Fatalf("PATCH %s: got %d %s", body, changed.Code, changed.Body)
		}
		if again := f.do(t, http.MethodPatch, "/api/users/1/", `{"phone":"3"}`, "If-Match", tag); again.Code != http.StatusPreconditionFailed {
			t.Errorf("PATCH with the tag before %s: got %d, want 412", body, again.Code)
		}
		tag = changed.Header().Get("ETag")
	}
	// A program that leaves updated_at alone.
	execute(t, db, "UPDATE t_users SET phone = '9' WHERE id = 1")
	if w := f.do(t, http.MethodPatch, "/api/users/1/", `{"phone":"3"}`, "If-Match", tag); w.Code != http.StatusPreconditionFailed {
		t.Errorf("PATCH with the tag before another program's change: got %d, want 412", w.Code)
	}
}

// TestStored_Referenced deletes users that other tables refer to.
func TestStored_Referenced(t *testing.T) {
	t.Parallel()
	for engine, open := range storetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			db := open(t)
			f := newFixture(t, db, setup{})
			f.create(t, "ann")
			f.create(t, "bob")
			execute(t, db,
				"CREATE TABLE orders (user_id int NULL, FOREIGN KEY (user_id) REFERENCES t_users (id))",
				"CREATE TABLE logins (user_id int NULL, FOREIGN KEY (user_id) REFERENCES t_users (id) ON DELETE CASCADE)",
				"INSERT INTO orders VALUES (1)", "INSERT INTO logins VALUES (2)")
			w := f.do(t, http.MethodDelete, "/api/users/1/", "")
			if want := `{"detail":"Rows of the table orders refer to this. Delete or change them first."}`; w.Code != http.StatusConflict || w.Body.String() != want {
				t.Errorf("got %d %s, want 409 %s", w.Code, w.Body, want)
			}
			if w := f.do(t, http.MethodDelete, "/api/users/2/", ""); w.Code != http.StatusNoContent {
				t.Errorf("got %d %s, want the row deleted with its login", w.Code, w.Body)
			}
		})
	}
}

// TestStored_NarrowerTable has columns that store less than the rules allow: they
// count at validation, beside the other rules, and if they are changed while the
// server runs, the field is named too.
func TestStored_NarrowerTable(t *testing.T) {
	t.Parallel()
	const alter = "ALTER TABLE t_users MODIFY first_name varchar(30) CHARACTER SET utf8mb3, MODIFY last_name varchar(20) CHARACTER SET ascii," +
		" MODIFY address text, MODIFY phone varchar(10) NOT NULL DEFAULT ''"
	for _, name := range []string{"before the start", "meanwhile"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storetest.OpenMySQL(t)
			execute(t, db, alter)
			limits, err := db.UserLimits(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if name == "meanwhile" {
				limits = nil
			}
			f := newFixture(t, db, setup{limits: limits})
			for field, c := range map[string]struct{ text, known, meanwhile string }{
				"first_name": {strings.Repeat("x", 31), "Ensure this field has no more than 30 characters.", "The database cannot store a text of this length in this field."},
				"last_name":  {"Jörg", "The database cannot store the character 'ö' in this field.", "The database cannot store a character of this text."},
				"address":    {strings.Repeat("é", 40000), "Ensure this field has no more than 65535 bytes.", "The database cannot store a text of this length in this field."},
			} {
				want := c.known
				if name == "meanwhile" {
					want = c.meanwhile
				}
				body := fmt.Sprintf(`{"username":"u-%s","email":"%s@example.com","phone":"1",%q:%q}`, field, field, field, c.text)
				w := f.do(t, http.MethodPost, "/api/users/", body)
				if want = fmt.Sprintf(`{%q:[%q]}`, field, want); w.Code != http.StatusBadRequest || w.Body.String() != want {
					t.Errorf("%s: got %d %s, want 400 %s", field, w.Code, w.Body, want)
				}
			}
			w := f.do(t, http.MethodPost, "/api/users/", `{"username":"ann","email":"ann@example.com"}`)
			if want := `{"phone":["The database does not allow null in this field."]}`; w.Code != http.StatusBadRequest || w.Body.String() != want {
				t.Errorf("null: got %d %s, want 400 %s", w.Code, w.Body, want)
			}
			w = f.do(t, http.MethodPost, "/api/users/", `{"username":"ann","email":"ann@example.com","phone":"1","first_name":"😀"}`)
			if w.Code != http.StatusBadRequest || !strings.HasPrefix(w.Body.String(), `{"first_name":["The database cannot store`) {
				t.Errorf("emoji: got %d %s, want 400 beside the field", w.Code, w.Body)
			}
		})
	}
}

// TestStored_RefusedByRules has rules of the database's own refuse a user.
func TestStored_RefusedByRules(t *testing.T) {
	t.Parallel()
	for engine, c := range map[string]struct{ trigger, check string }{
		"sqlite": {"CREATE TRIGGER no BEFORE INSERT ON t_users WHEN NEW.phone = '666' BEGIN SELECT RAISE(ABORT, 'no'); END",
			"ALTER TABLE t_users ADD COLUMN hat int DEFAULT 1 CHECK (last_name <> 'x')"},
		"mysql": {"CREATE TRIGGER no BEFORE INSERT ON t_users FOR EACH ROW IF NEW.phone = '666' THEN SIGNAL SQLSTATE '45000'; END IF",
			"ALTER TABLE t_users ADD CHECK (last_name <> 'x')"},
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			db := storetest.Engines()[engine](t)
			execute(t, db, c.trigger, c.check)
			f := newFixture(t, db, setup{})
			w := f.do(t, http.MethodPost, "/api/users/", `{"username":"ann","email":"ann@example.com","phone":"666"}`)
			if want := `{"detail":"A trigger of the database refuses this change."}`; w.Code != http.StatusConflict || w.Body.String() != want {
				t.Errorf("trigger: got %d %s, want 409 %s", w.Code, w.Body, want)
			}
			w = f.do(t, http.MethodPost, "/api/users/", `{"username":"ann","email":"ann@example.com","last_name":"x"}`)
			if want := `{"detail":"A CHECK constraint of the database refuses this."}`; w.Code != http.StatusBadRequest || w.Body.String() != want {
				t.Errorf("check: got %d %s, want 400 %s", w.Code, w.Body, want)
			}
		})
	}
}
