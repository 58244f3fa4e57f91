// Package audit tells who did what to what, when and from where. An entry is
// written in the transaction of the change that it tells of, and outlives its
// subject.
//
// Entries are sealed soon after, in the order in which they are found: the
// seal of each covers the entry, its place in the chain and the seal before
// it, and is made with a key that is not in the database. Whoever can write to
// the database alone cannot alter, remove or insert an entry that is sealed
// without Verify finding it; and the head of the chain, which is sealed too,
// shows when its end is missing.
//
// Seals are not made while the entry is written, as all writers would have to
// wait for one another.
package audit
