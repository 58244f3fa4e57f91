package store

import (
	"context"
	"time"

	"roster/internal/store/sqldb"
	"roster/internal/user"
)

const (
	isUnsubscribed = "SELECT EXISTS (SELECT 1 FROM roster_unsubscribed WHERE user_id = ?)"
	unsubscribe    = "INSERT INTO roster_unsubscribed (user_id, created_at) VALUES (?, ?)"
	resubscribe    = "DELETE FROM roster_unsubscribed WHERE user_id = ?"

	// subscribed is a condition on t_users.
	subscribed = "NOT EXISTS (SELECT 1 FROM roster_unsubscribed n WHERE n.user_id = t_users.id)"
)

// IsUnsubscribed implements user.SubscriptionStore.
func (s *Store) IsUnsubscribed(ctx context.Context, id int64) (bool, error) {
	n, err := s.readInteger(ctx, "find a subscription", isUnsubscribed, id)
	return n != 0, err
}

// InSubscriptionTx implements user.SubscriptionStore.
func (s *Store) InSubscriptionTx(ctx context.Context, fn func(user.SubscriptionTx) error) error {
	return s.write(ctx, func(t *tx) error { return fn(t) })
}

// SetUnsubscribed implements user.SubscriptionTx.
func (t *tx) SetUnsubscribed(id int64, unsubscribed bool, at time.Time) (bool, error) {
	is, err := sqldb.Integer(t, isUnsubscribed, id)
	if err != nil || (is != 0) == unsubscribed {
		return false, err
	}
	if unsubscribed {
		return true, exec(t, unsubscribe, id, sqldb.FormatTime(at))
	}
	return true, exec(t, resubscribe, id)
}
