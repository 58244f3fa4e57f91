package user

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"roster/internal/access"
	"roster/internal/fault"
	"roster/internal/form"
)

// KeyLife is how long a key of CreateOnce is remembered.
const KeyLife = 24 * time.Hour

// maxKey is the maximum length of a key.
const maxKey = 255

// The errors of CreateOnce.
var (
	errBadKey    = fault.New(fault.Invalid, "The header Idempotency-Key takes 1 to 255 visible ASCII characters.")
	errKeyReused = fault.New(fault.Unprocessable, "This Idempotency-Key was used for another request.")
)

// CreateOnce adds a user like Create, but only once per key chosen by the
// client: if it is called again with the same key and user, even concurrently
// or by another process, it returns the user as originally created, whatever
// happened to it since. A different user with the same key is Unprocessable.
// Only successful creates are remembered, for KeyLife. Each actor has separate
// keys. See the header Idempotency-Key
// (draft-ietf-httpapi-idempotency-key-header).
func (u *Users) CreateOnce(ctx context.Context, actor access.Actor, key string, in form.Input) (User, error) {
	if err := actor.Check(access.AddUser); err != nil {
		return User{}, err
	}
	if !isKey(key) {
		return User{}, errBadKey
	}
	c := creation{users: u, actor: actor, key: hashKey(actor, key)}
	c.change, c.faults = u.validate(in, form.Create)
	err := u.write(ctx, c.once)
	if errors.Is(err, fault.ErrUnknownOutcome) {
		err = u.write(ctx, c.once) // finds an earlier commit
	}
	if err != nil {
		return User{}, err
	}
	if c.repeated {
		u.log.InfoContext(ctx, "user was already created", "id", c.created.ID, "actor", actor.Name())
	} else {
		u.log.InfoContext(ctx, "user created", "id", c.created.ID, "actor", actor.Name())
	}
	return c.created, nil
}

// creation is a user to be created.
type creation struct {
	users    *Users
	actor    access.Actor
	change   Change
	faults   fault.Fields
	key      string // for once
	created  User
	repeated bool // already created earlier
}

// insert adds the user if all rules allow it.
func (c *creation) insert(tx Tx) error {
	if err := checkUnique(tx, c.change, 0, c.faults); err != nil {
		return err
	}
	c.created = table.Apply(c.change, User{IsActive: true})
	c.created.CreatedAt = c.users.stamp()
	c.created.UpdatedAt = c.users.stamp()
	var err error
	if c.created, err = tx.InsertUser(c.created); err != nil {
		return err
	}
	if err := tx.Record(entry(c.created.CreatedAt, c.actor, nil, &c.created)); err != nil {
		return err
	}
	return c.enqueue(tx)
}

// enqueue stores the task that the create causes, if any.
func (c *creation) enqueue(tx Tx) error {
	if c.users.created == nil {
		return nil
	}
	work, err := c.users.created(c.created)
	if err != nil {
		return err
	}
	_, err = tx.Enqueue(work)
	return err
}

// once finds the user created with the key, or inserts and remembers it.
func (c *creation) once(tx Tx) error {
	oldest := c.users.stamp().Add(-KeyLife)
	err := c.find(tx, oldest)
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	err = c.insertAndKeep(tx)
	if fault.KindOf(err) == fault.Invalid {
		// The names may have been taken by the same request, committed
		// concurrently.
		if again := c.find(tx, oldest); fault.KindOf(again) != fault.NotFound {
			return again
		}
	}
	return err
}

// find finds the user created with the key, or returns NotFound.
func (c *creation) find(tx Tx, oldest time.Time) error {
	first, err := tx.FindKept(c.key, oldest)
	c.repeated = err == nil
	if err == nil && !c.isOf(first) {
		return errKeyReused
	}
	c.created = first
	return err
}

func (c *creation) insertAndKeep(tx Tx) error {
	if err := c.insert(tx); err != nil {
		return err
	}
	return tx.Keep(c.key, c.created)
}

// isOf reports whether first was created by the same request.
func (c *creation) isOf(first User) bool {
	first.ID, first.CreatedAt, first.UpdatedAt = 0, time.Time{}, time.Time{}
	return len(c.faults) == 0 && table.Apply(c.change, User{IsActive: true}) == first
}

func isKey(key string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return key != "" && len(key) <= maxKey
}

// hashKey returns the stored form of an actor's key, 64 hexadecimal digits,
// from which the key cannot be recovered.
func hashKey(actor access.Actor, key string) string {
	sum := sha256.Sum256([]byte(strconv.FormatInt(actor.ID(), 10) + " " + actor.Name() + "\x00" + key))
	return hex.EncodeToString(sum[:])
}
