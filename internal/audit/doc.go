// Package audit records who did what to which object, when and from where. An
// entry is written in the transaction of the change, and outlives its object.
//
// Entries are sealed soon after, in the order in which they are found. A seal
// covers the entry, its position in the chain and the previous seal, and is
// made with a key that is not in the database. An attacker who can only write
// to the database cannot alter, delete or insert a sealed entry without Verify
// detecting it; the head of the chain, also sealed, reveals a missing end.
//
// Entries are not sealed as they are written, because writers would have to
// wait for one another.
package audit
