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

// KeyLife is for how long a key of CreateOnce stands for its first answer.
const KeyLife = 24 * time.Hour

// maxKey is how long a key may be.
const maxKey = 255

// The refusals of CreateOnce.
var (
	errBadKey    = fault.New(fault.Invalid, "The header Idempotency-Key takes 1 to 255 visible ASCII characters.")
	errKeyReused = fault.New(fault.Unprocessable, "This Idempotency-Key was used for another request.")
)

// CreateOnce adds a user as Create does, but only once for a key of the
// client's choice: called again with the key and the same user, also at once
// or through another process, it returns the user as it was created first,
// whatever became of it since. Other users under a key are refused as
// Unprocessable. Only what succeeded is kept, for KeyLife. Each actor has keys
// of its own. See the header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header).
func (u *Users) CreateOnce(ctx context.Context, actor access.Actor, key string, in form.Input) (User, error) {
	if err := actor.Check(access.AddUser); err != nil {
		return User{}, err
	}
	if !isKey(key) {
		return User{}, errBadKey
	}
	c := creation{users: u, actor: actor, key: hashKey(actor, key)}
	c.change, c.faults = Validate(in, form.Create)
	err := u.write(ctx, c.once)
	if errors.Is(err, fault.ErrUnknownOutcome) {
		err = u.write(ctx, c.once) // which finds what was committed
	}
	if err != nil {
		return User{}, err
	}
	if c.repeated {
		u.log.InfoContext(ctx, "user was created before", "id", c.created.ID, "actor", actor.Name())
	} else {
		u.log.InfoContext(ctx, "user created", "id", c.created.ID, "actor", actor.Name())
	}
	return c.created, nil
}

// creation is a user that is about to be created.
type creation struct {
	users    *Users
	actor    access.Actor
	change   Change
	faults   fault.Fields
	key      string // of once
	created  User
	repeated bool // it was created earlier
}

// insert adds the user, if all rules allow it.
func (c *creation) insert(tx Tx) error {
	if err := checkUnique(tx, c.change, 0, c.faults); err != nil {
		return err
	}
	c.created = table.Apply(c.change, User{IsActive: true})
	c.created.CreatedAt = c.users.stamp()
	c.created.UpdatedAt = c.users.stamp()
	id, err := tx.InsertUser(c.created)
	if err != nil {
		return err
	}
	c.created.ID = id
	if err := tx.Record(entry(c.created.CreatedAt, c.actor, nil, &c.created)); err != nil {
		return err
	}
	return c.enqueue(tx)
}

// enqueue stores the work that the create causes, if there is any.
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

// once finds what was created under the key, or inserts it and keeps it.
func (c *creation) once(tx Tx) error {
	oldest := c.users.stamp().Add(-KeyLife)
	err := c.find(tx, oldest)
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	err = c.insertAndKeep(tx, oldest)
	if fault.KindOf(err) == fault.Invalid {
		// Its names may be taken by the same request, which was committed meanwhile.
		if again := c.find(tx, oldest); fault.KindOf(again) != fault.NotFound {
			return again
		}
	}
	return err
}

// find finds what was created under the key; NotFound when that is nothing.
func (c *creation) find(tx Tx, oldest time.Time) error {
	first, err := tx.FindKept(c.key, oldest)
	c.repeated = err == nil
	if err == nil && !c.isOf(first) {
		return errKeyReused
	}
	c.created = first
	return err
}

func (c *creation) insertAndKeep(tx Tx, oldest time.Time) error {
	if err := c.insert(tx); err != nil {
		return err
	}
	if err := tx.DropKept(oldest); err != nil {
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

// hashKey returns what is stored for an actor's key, 64 hexadecimal digits.
// It cannot be told from what is stored what the key was.
func hashKey(actor access.Actor, key string) string {
	sum := sha256.Sum256([]byte(strconv.FormatInt(actor.ID(), 10) + " " + actor.Name() + "\x00" + key))
	return hex.EncodeToString(sum[:])
}
