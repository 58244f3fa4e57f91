package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
)

// keyPurpose makes the key of the chain another one than those of other uses.
const keyPurpose = "roster audit chain"

// Row is an entry as it is stored: what a seal covers, and the seal.
type Row struct {
	Entry
	ChangesText string // the changes as they are stored
	Link        int64  // the place in the chain, from 1; 0 while it is not sealed
	Seal        string // "" while it is not sealed
}

// Head is the end of the chain, or where it was cut: the entry behind which it
// begins. The zero Head is that of an empty chain, and the cut of a whole one.
type Head struct {
	Link  int64  // of the entry
	Seal  string // of the entry
	Proof string // covers the two
}

// Chain makes and judges seals. It is immutable.
type Chain struct {
	keys [][]byte // the first one seals
}

// NewChain returns a chain whose seals are made with a key derived from
// secret; those made with one of the older secrets are recognised.
func NewChain(secret string, older ...string) Chain {
	var c Chain
	for _, s := range append([]string{secret}, older...) {
		mac := hmac.New(sha256.New, []byte(s))
		mac.Write([]byte(keyPurpose))
		c.keys = append(c.keys, mac.Sum(nil))
	}
	return c
}

// errHead is why nothing is appended: a new proof would hide that the end of
// the chain was cut off.
var errHead = errors.New("the head of the audit chain was altered, or sealed with a SECRET_KEY that is not among SECRET_KEY_FALLBACKS")

// Append seals the rows, in their order, behind the head, and returns the new
// head. It refuses a head that the chain has no proof of.
func (c Chain) Append(head Head, rows []Row) (Head, error) {
	if !c.knows(head) {
		return head, errHead
	}
	if len(rows) == 0 {
		return head, nil
	}
	for i := range rows {
		head.Link++
		rows[i].Link = head.Link
		rows[i].Seal = seal(c.keys[0], head.Seal, &rows[i])
		head.Seal = rows[i].Seal
	}
	head.Proof = prove(c.keys[0], head)
	return head, nil
}

// knows reports whether the head is one that the chain has made.
func (c Chain) knows(head Head) bool {
	if head == (Head{}) {
		return true
	}
	key := c.keyOf(head.Proof)
	return key != nil && hmac.Equal([]byte(prove(key, head)), []byte(head.Proof))
}

// isSound reports whether the seal of a row is that of the row behind one with
// the seal before.
func (c Chain) isSound(before string, r *Row) bool {
	key := c.keyOf(r.Seal)
	return key != nil && hmac.Equal([]byte(seal(key, before, r)), []byte(r.Seal))
}

// keyOf returns the key that a seal or a proof was made with, nil for none of them.
func (c Chain) keyOf(made string) []byte {
	for _, key := range c.keys {
		if strings.HasPrefix(made, keyName(key)) {
			return key
		}
	}
	return nil
}

// keyName is how a seal names its key: it tells nothing of it.
func keyName(key []byte) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:4]) + ":"
}

// seal returns the seal of a row that follows one with the seal before.
func seal(key []byte, before string, r *Row) string {
	b := appendTexts(nil, before)
	b = appendNumbers(b, r.Link, r.ID, r.At.UnixMicro(), r.ActorID, r.Object.ID)
	b = appendTexts(b, r.Actor, string(r.Action), r.Object.Type, r.Object.Name, r.ChangesText,
		r.Origin.Address, r.Origin.RequestID, r.Reason)
	if r.Origin.Door != "" { // older entries have none, and seals without
		b = appendTexts(b, string(r.Origin.Door))
	}
	return sign(key, b)
}

func prove(key []byte, h Head) string {
	return sign(key, appendTexts(appendNumbers([]byte("head"), h.Link), h.Seal))
}

func sign(key, message []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write(message)
	return keyName(key) + hex.EncodeToString(mac.Sum(nil))
}

// appendTexts appends each text with its length before it, so that nothing can
// be moved from one to the next.
func appendTexts(b []byte, texts ...string) []byte {
	for _, text := range texts {
		b = append(appendNumbers(b, int64(len(text))), text...)
	}
	return b
}

func appendNumbers(b []byte, numbers ...int64) []byte {
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, uint64(n)) //nolint:gosec // the bits are what is signed
	}
	return b
}
