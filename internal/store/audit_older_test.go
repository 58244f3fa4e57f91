package store_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/store"
	"roster/internal/user"
)

// A sealed entry of a version whose entries have no credential, and its head.
const (
	oldEntry = "INSERT INTO roster_audit_entries (id, created_at, actor_id, actor, action, object_type, object_id, object_name, changes, address, request_id, reason, door, link, seal)" +
		" VALUES (10, '2026-11-23 12:00:01.123456', 0, 'system:test', 'update', 'user', 1, 'ann', '[{\"field\":\"phone\",\"old\":null,\"new\":\"1\"}]', '192.0.2.1', 'request1', '', 'admin', 1, '%s')"
	oldSeal      = "e9b65780:fdf6522bb969f61caa572fb3d7dabb90f3a9a0a2437fc89e8b02b966afb4138a"
	oldProof     = "e9b65780:7867aeda875aab2658fb4c4d762dd646ffbe45fa91a2e9ac4a08f6ef1609e37c"
	oldEntryHead = "UPDATE roster_audit_head SET link = 1, seal = '%s', proof = '%s' WHERE id = 1"
)

// The audit trail of an older version is sound after a restore and a migration, and
// goes on.
func TestAudit_OlderSchema(t *testing.T) {
	t.Parallel()
	for engine, newDatabase := range emptyDatabases() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			open, _ := newDatabase(t)
			old := opened(t, open)
			if err := store.MigrateTo(t.Context(), old, 18); err != nil {
				t.Fatal(err)
			}
			execute(t, old, fmt.Sprintf(oldEntry, oldSeal))
			execute(t, old, fmt.Sprintf(oldEntryHead, oldSeal, oldProof))
			var content bytes.Buffer
			if _, err := old.Snapshot(t.Context(), &content); err != nil {
				t.Fatal(err)
			}
			open, restore := newDatabase(t)
			if err := restore(&content); err != nil {
				t.Fatal(err)
			}
			s := opened(t, open)
			migrateFrom(t, s, 18)
			trail := audit.NewTrail(s, audit.NewChain("secret"), slog.New(slog.DiscardHandler))
			wantSound(t, trail, 1)
			ann := access.NewActor(access.Account{ID: 7, Username: "ann"})
			err := s.InTx(t.Context(), func(tx user.Tx) error {
				return tx.Record(audit.NewEntry(time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC), ann, audit.Update, audit.Object{Type: "user", ID: 1}, nil))
			})
			if err != nil {
				t.Fatal(err)
			}
			wantSound(t, trail, 2)
		})
	}
}

// wantSound seals the trail and verifies it.
func wantSound(t *testing.T, trail *audit.Trail, sealed int64) {
	t.Helper()
	if _, err := trail.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	found, err := trail.Verify(t.Context(), access.System("test"))
	if err != nil || len(found.Problems) > 0 || found.Sealed != sealed || found.Open != 0 {
		t.Errorf("got %+v, %v, want %d sound entries", found, err, sealed)
	}
}
