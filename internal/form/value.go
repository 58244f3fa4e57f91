// Package form defines input and its validation: the values sent by a caller,
// the fields that accept them, and the error messages. It reads values like
// Django REST Framework 3.14 and uses its messages.
package form

// Kind is the type of an input value as it was sent.
type Kind int

// The kinds of input values.
const (
	Null    Kind = iota
	Boolean      // JSON true or false
	String       // text, untrimmed
	Integer      // integer; its decimal digits, with "-" if negative, are in Text
	Float        // any other number
	List
	Object
)

// Value is an input value before validation.
type Value struct {
	Kind   Kind
	Bool   bool    // for Boolean
	Number float64 // for Float; may be infinite
	// Text is a String's text or an Integer's canonical digits. Lone UTF-16
	// surrogates, which JSON can escape, are encoded in their three-byte form
	// (WTF-8); everything else is valid UTF-8.
	Text string
}

// Input is the input of a caller by field name. Omitted fields are absent.
// Unknown names are ignored.
type Input map[string]Value

// Mode is how an Input is applied.
type Mode int

// The modes.
const (
	Create  Mode = iota // POST: required fields must be present
	Replace             // PUT: required fields must be present; others keep their values
	Partial             // PATCH: omitted fields keep their values
)

// Text is a text that may be absent, like NULL in SQL and null in JSON. The
// zero Text is absent.
type Text struct {
	String string
	Valid  bool // false: absent, and String is ""
}

// TextOf returns a present Text.
func TextOf(s string) Text { return Text{String: s, Valid: true} }
