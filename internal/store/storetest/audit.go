package storetest

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
	"roster/internal/store/sqldb"
	"roster/internal/user"
)

var chain = audit.NewChain("a secret of the tests")

// record writes an entry in a transaction of its own.
func record(t *testing.T, s user.Store, e audit.Entry) {
	t.Helper()
	if err := s.InTx(t.Context(), func(tx user.Tx) error { return tx.Record(e) }); err != nil {
		t.Fatal(err)
	}
}

// sealAll seals what is there, in batches of two, and returns how many that was.
func sealAll(t *testing.T, s audit.Store) (sealed int) {
	t.Helper()
	for {
		n, err := s.SealNext(t.Context(), 2, chain.Append)
		if err != nil {
			t.Fatal(err)
		}
		if sealed += n; n < 2 {
			return sealed
		}
	}
}

func deed(n int) audit.Entry {
	actor := access.System("test").From(access.Origin{Address: "2001:db8::1", RequestID: "request", Door: access.Admin}).By(access.Credential{Kind: access.APIToken, ID: 12, Name: "é"})
	p := person(n)
	p.ID = int64(n)
	return audit.NewEntry(p.CreatedAt, actor, audit.Update, p.Object(), []audit.Change{{Field: "phone", Old: nil, New: "é 😀 \"\\"}})
}

// testRecord shows that entries come back as they were written, cut where the
// columns end, and only those of transactions that were committed.
func testRecord(t *testing.T, s user.Store) {
	trail := s.(audit.Store)
	first, second := deed(1), deed(2)
	second.ActorID, second.Actor = 7, strings.Repeat("é", 300)
	second.Changes, second.Reason, second.Origin, second.Credential = nil, strings.Repeat("r", 300), access.Origin{}, strings.Repeat("é", 300)
	record(t, s, first)
	undone := errors.New("undone")
	err := s.InTx(t.Context(), func(tx user.Tx) error { return errors.Join(tx.Record(deed(3)), undone) })
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	record(t, s, second)
	rows, err := trail.ListAudit(t.Context(), 0, 10)
	if err != nil || len(rows) != 2 {
		t.Fatalf("got %+v, %v, want two entries", rows, err)
	}
	second.Actor, second.Reason, second.Credential = strings.Repeat("é", 200), strings.Repeat("r", 255), strings.Repeat("é", 200)
	for i, want := range []audit.Entry{first, second} {
		got := rows[i].Entry
		if got.ID <= 0 || len(got.Changes) != len(want.Changes) || len(want.Changes) > 0 && got.Changes[0] != want.Changes[0] {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got.At != want.At || got.Actor != want.Actor || got.ActorID != want.ActorID || got.Action != want.Action ||
			got.Object != want.Object || got.Origin != want.Origin || got.Reason != want.Reason || got.Credential != want.Credential {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if rest, err := trail.ListAudit(t.Context(), rows[0].ID, 10); err != nil || len(rest) != 1 || rest[0].ID != rows[1].ID {
		t.Errorf("after the first: got %+v, %v", rest, err)
	}
}

// testSeals shows that what was sealed verifies, and what was altered does not.
func testSeals(t *testing.T, s user.Store) {
	trail := s.(audit.Store)
	if got := sealAll(t, trail); got != 0 {
		t.Errorf("sealed %d of none", got)
	}
	for n := range 5 {
		record(t, s, deed(n))
	}
	if got := sealAll(t, trail); got != 5 {
		t.Errorf("sealed %d, want 5", got)
	}
	record(t, s, deed(5))
	if sealed, err := trail.ListSealed(t.Context(), 0, 10); err != nil || len(sealed) != 5 {
		t.Errorf("got %d sealed, %v, want 5 while one waits", len(sealed), err)
	}
	if got := sealAll(t, trail); got != 1 {
		t.Errorf("sealed %d more, want 1", got)
	}
	verifier, rows := verifier(t, trail)
	if found := verifier.Finish(); len(found.Problems) != 0 || len(rows) != 6 {
		t.Errorf("got %d rows and %q, want 6 that are sound", len(rows), found.Problems)
	}
}

// testCut removes the oldest entries, and shows that what is left verifies from
// there on and records what went.
func testCut(t *testing.T, s user.Store) {
	trail := audit.NewTrail(s.(audit.Store), chain, slog.New(slog.DiscardHandler))
	for n := range 6 {
		e := deed(n)
		e.At = deed(0).At.Add(time.Duration(n) * 24 * time.Hour)
		record(t, s, e)
	}
	sealAll(t, s.(audit.Store))
	now := deed(0).At.Add(6 * 24 * time.Hour)
	for _, c := range []struct{ days, want int64 }{{7, 0}, {4, 2}, {4, 0}} {
		if got, err := trail.Prune(t.Context(), now, now.AddDate(0, 0, -int(c.days)), noRest); err != nil || got != c.want {
			t.Errorf("%d days: removed %d, %v, want %d", c.days, got, err, c.want)
		}
	}
	sealAll(t, s.(audit.Store)) // the entry about it
	found, err := trail.Verify(t.Context(), access.System("test"))
	if err != nil || len(found.Problems) != 0 || found.Sealed != 5 || found.Removed != 2 {
		t.Errorf("got %+v, %v, want five sealed and two removed", found, err)
	}
	rows, err := s.(audit.Store).ListAudit(t.Context(), 0, 10)
	if err != nil || len(rows) != 5 {
		t.Fatalf("got %+v, %v, want four and one about the removal", rows, err)
	}
	if record := rows[4]; rows[0].Link != 3 || record.Action != audit.Delete || record.Object.ID != 2 || record.Object.Type != "audit" {
		t.Errorf("got %+v, want the younger ones and that two were removed", rows)
	}
	checkCutTampering(t, s, trail, now)
}

// noRest is the pause between transactions of a removal that needs none.
func noRest() error { return nil }

// checkCutTampering shows that what is done at the cut is found, and stops the removal.
func checkCutTampering(t *testing.T, s user.Store, trail *audit.Trail, now time.Time) {
	t.Helper()
	for _, statement := range []string{
		"UPDATE roster_audit_head SET link = link + 1 WHERE id = 2",
		"UPDATE roster_audit_head SET link = 0, seal = '', proof = '' WHERE id = 2",
		"UPDATE roster_audit_entries SET link = 1 WHERE link = 3",
		"DELETE FROM roster_audit_entries WHERE link = 1",
	} {
		err := s.InTx(t.Context(), func(tx user.Tx) error {
			_, err := tx.(sqldb.Conn).Exec(statement)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		found, err := trail.Verify(t.Context(), access.System("test"))
		removed, refused := trail.Prune(t.Context(), now, now, noRest)
		if err != nil || len(found.Problems) == 0 || refused == nil || removed != 0 {
			t.Errorf("%s: got %+v, %v, and removed %d, %v", statement, found, err, removed, refused)
		}
	}
}

// verifier returns a verifier that has seen all sealed rows, and the rows.
func verifier(t *testing.T, s audit.Store) (*audit.Verifier, []audit.Row) {
	t.Helper()
	cut, head, err := s.AuditEnds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.ListSealed(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	v := audit.NewVerifier(chain, cut, head)
	for i := range rows {
		v.Add(&rows[i])
	}
	return v, rows
}

// testSealersAtOnce seals from several sides while entries are written: each
// entry gets one place in one chain.
func testSealersAtOnce(t *testing.T, s user.Store) {
	const writers, each = 4, 10
	trail := s.(audit.Store)
	done := make(chan error, writers)
	for n := range writers {
		go func() {
			var err error
			for i := range each {
				err = errors.Join(err, s.InTx(t.Context(), func(tx user.Tx) error { return tx.Record(deed(each*n + i)) }))
				_, failed := trail.SealNext(t.Context(), 3, chain.Append)
				err = errors.Join(err, failed)
			}
			done <- err
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	sealAll(t, trail)
	verifier, rows := verifier(t, trail)
	if found := verifier.Finish(); len(found.Problems) != 0 || found.Sealed != writers*each || len(rows) != writers*each {
		t.Errorf("got %+v and %d rows, want %d that are sound", found, len(rows), writers*each)
	}
}

// Record writes an entry to the audit trail.
func Record(tb testing.TB, s user.Store, e audit.Entry) {
	tb.Helper()
	if err := s.InTx(tb.Context(), func(tx user.Tx) error { return tx.Record(e) }); err != nil {
		tb.Fatal(err)
	}
}
