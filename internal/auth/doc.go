// Package auth holds the rules of staff accounts that need neither storage nor
// HTTP: which passwords are good enough, how often a login may be tried, the ids
// of sessions. Hashes are in its package password, the second factor in totp.
//
// A login takes these steps, in this order:
//
//  1. LoginThrottle.Take, before anything is looked up: refused tries cost no work.
//  2. The account's hash, or "" when there is no such account or it is not active.
//  3. password.Limiter.Verify, which takes as long for "" as for a hash.
//  4. LoginThrottle.GiveBack when the password was right, and when the Limiter
//     refused to look at it (fault.Unavailable, or the caller went away).
//  5. A new hash, when the old one is outdated; then a new Token, never one that the
//     browser had before.
//
// What the caller is told is the same for an unknown name, an inactive account
// and a wrong password.
package auth
