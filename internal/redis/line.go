package redis

import (
	"context"
	"errors"

	"github.com/redis/rueidis"
)

// line is a channel of Redis.
type line struct {
	client  rueidis.Client
	channel string
}

// publish sends a message to all subscribers.
func (l line) publish(ctx context.Context, m message) error {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	return l.client.Do(ctx, l.client.B().Publish().Channel(l.channel).Message(m.String()).Build()).Error()
}

// errCut is why a subscription ended unexpectedly.
var errCut = errors.New("the connection was closed")

// subscribe passes published messages to hear until the connection fails or ctx
// is done, and returns that error. It leaves a token in subscribed once it
// listens.
func (l line) subscribe(ctx context.Context, subscribed chan struct{}, hear func(message)) error {
	ctx = rueidis.WithOnSubscriptionHook(ctx, func(rueidis.PubSubSubscription) { poke(subscribed) })
	err := l.client.Receive(ctx, l.client.B().Subscribe().Channel(l.channel).Build(), func(m rueidis.PubSubMessage) {
		hear(read(m.Message))
	})
	if err == nil || errors.Is(err, rueidis.ErrClosing) {
		return errCut
	}
	return err
}
