// Package form is the language in which doors and rules speak of input: the
// values a caller sent, the fields that take them, and what is wrong with them.
// It reads values as Django REST Framework 3.14 does and answers in its words.
package form

// Kind is the type of an input value, as it was sent.
type Kind int

// The kinds of input values.
const (
	Null    Kind = iota
	Boolean      // true or false of JSON
	String       // text, untrimmed
	Integer      // a whole number; its decimal digits, with "-" if negative, in Text
	Float        // any other number
	List
	Object
)

// Value is one input value before any rule was applied to it.
type Value struct {
	Kind   Kind
	Bool   bool    // of a Boolean
	Number float64 // of a Float; may be infinite
	// Text is a String's text or an Integer's canonical digits. Lone UTF-16
	// surrogates, which JSON can escape, are held in their three-byte form
	// (WTF-8); all else is valid UTF-8.
	Text string
}

// Input is what a caller sent, by field name. A field left out is not in the
// map. Names that no field has are ignored.
type Input map[string]Value

// Mode says how an Input is taken.
type Mode int

// The modes.
const (
	Create  Mode = iota // POST: required fields must be there
	Replace             // PUT: required fields must be there; the others keep their values
	Partial             // PATCH: whatever is left out keeps its value
)

// Text is a text that may be absent, as SQL's NULL and JSON's null. The zero
// Text is absent.
type Text struct {
	String string
	Valid  bool // false: absent, and String is ""
}

// TextOf returns a present Text.
func TextOf(s string) Text { return Text{String: s, Valid: true} }
