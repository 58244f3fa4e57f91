package job_test

import (
	"testing"
	"time"

	"roster/internal/job"
	"roster/internal/store"
	"roster/internal/user"
)

// Who unsubscribed gets no mailing, also if that was after it began, and still gets
// mail about the account.
func TestMailing_Unsubscribed(t *testing.T) {
	t.Parallel()
	onEngines(t, func(t *testing.T, s *store.Store) {
		t.Helper()
		out := &outbox{}
		users := newUsers(s, time.Now)
		all := create(t, users, "ann", 12, true)
		opt := func(id int64, unsubscribed bool) {
			t.Helper()
			err := s.InSubscriptionTx(t.Context(), func(tx user.SubscriptionTx) error {
				_, err := tx.SetUnsubscribed(id, unsubscribed, time.Now())
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		opt(all[0].ID, true)
		out.fail = func(to string, n int) error {
			if (to == "ann2@example.com" || to == "ann3@example.com") && n == 1 {
				return failure(job.Deferred, "450 later")
			}
			return nil
		}
		k := job.BulkNotification(users, s, out, time.Now)
		got := run(t, s, k, hello)
		opt(all[1].ID, true)
		again(t, s, got.ID)
		wantDone(t, await(t, s, k, got.ID), `{"opted_out":1,"sent":10}`)
		counts := out.to()
		if counts["ann1@example.com"]+counts["ann2@example.com"] != 0 || counts["ann3@example.com"] != 1 {
			t.Errorf("got %v", counts)
		}
		wantDone(t, run(t, s, job.WelcomeEmail(users, out), `{"user_id":1}`), `{"sent":true}`)
		opt(all[0].ID, false)
		wantDone(t, run(t, s, k, hello), `{"sent":11}`)
	})
}
