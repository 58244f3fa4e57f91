package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
)

// keyPurpose separates the chain's key from keys for other uses.
const keyPurpose = "roster audit chain"

// Row is an entry as stored: the sealed content, and the seal.
type Row struct {
	Entry
	ChangesText string // changes as stored
	Link        int64  // position in the chain, from 1; 0 if unsealed
	Seal        string // "" if unsealed
}

// Head is the end of the chain, or its cut: the entry after which it begins.
// The zero Head is the head of an empty chain, and the cut of a complete one.
type Head struct {
	Link  int64  // of the entry
	Seal  string // of the entry
	Proof string // HMAC of both
}

// Chain creates and verifies seals. It is immutable.
type Chain struct {
	keys [][]byte // the first one creates seals
}

// NewChain returns a chain that seals with a key derived from secret, and also
// accepts seals made with the older secrets.
func NewChain(secret string, older ...string) Chain {
	var c Chain
	for _, s := range append([]string{secret}, older...) {
		mac := hmac.New(sha256.New, []byte(s))
		mac.Write([]byte(keyPurpose))
		c.keys = append(c.keys, mac.Sum(nil))
	}
	return c
}

// errHead is why nothing is appended: a new proof would hide a truncated chain.
var errHead = errors.New("the head of the audit chain was altered, or sealed with a SECRET_KEY that is not among SECRET_KEY_FALLBACKS")

// Append seals the rows in order after the head, and returns the new head. It
// rejects a head without a valid proof.
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

// knows reports whether the chain made the head.
func (c Chain) knows(head Head) bool {
	if head == (Head{}) {
		return true
	}
	key := c.keyOf(head.Proof)
	return key != nil && hmac.Equal([]byte(prove(key, head)), []byte(head.Proof))
}

// isSound reports whether a row's seal is valid after the previous seal, and
// whether it covers the credential, as those of older versions do not.
func (c Chain) isSound(before string, r *Row) (sound, covered bool) {
	key := c.keyOf(r.Seal)
	switch {
	case key == nil:
		return false, false
	case hmac.Equal([]byte(seal(key, before, r)), []byte(r.Seal)):
		return true, true
	}
	return hmac.Equal([]byte(sign(key, content(before, r))), []byte(r.Seal)), false
}

// keyOf returns the key that made a seal or proof, nil if it is unknown.
func (c Chain) keyOf(made string) []byte {
	for _, key := range c.keys {
		if strings.HasPrefix(made, keyName(key)) {
			return key
		}
	}
	return nil
}

// keyName identifies a key in its seals without revealing it.
func keyName(key []byte) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:4]) + ":"
}

// seal returns the seal of a row, given the previous seal. The word keeps a
// credential apart from a door.
func seal(key []byte, before string, r *Row) string {
	return sign(key, appendTexts(content(before, r), "credential", r.Credential))
}

// content is what seals of all versions cover.
func content(before string, r *Row) []byte {
	b := appendTexts(nil, before)
	b = appendNumbers(b, r.Link, r.ID, r.At.UnixMicro(), r.ActorID, r.Object.ID)
	b = appendTexts(b, r.Actor, string(r.Action), r.Object.Type, r.Object.Name, r.ChangesText,
		r.Origin.Address, r.Origin.RequestID, r.Reason)
	if r.Origin.Door != "" { // older entries and their seals have none
		b = appendTexts(b, string(r.Origin.Door))
	}
	return b
}

func prove(key []byte, h Head) string {
	return sign(key, appendTexts(appendNumbers([]byte("head"), h.Link), h.Seal))
}

func sign(key, message []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write(message)
	return keyName(key) + hex.EncodeToString(mac.Sum(nil))
}

// appendTexts appends each text with its length, so that text cannot move from
// one to the next.
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
