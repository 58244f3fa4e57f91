// Package auth holds staff accounts: who they are, what they may do, how they log
// in and stay so. Its services are Accounts, Groups, Sessions and Factors.
// Hashes are in its package password, codes of the second factor in totp.
//
// A login takes these steps, in this order:
//
//  1. LoginThrottle.Take, before anything is looked up: refused tries cost no work.
//  2. The account's hash, or "" when there is no such account, or it is not active,
//     or not staff.
//  3. password.Limiter.Verify, which takes as long for "" as for a hash.
//  4. LoginThrottle.GiveBack when the password was right, and when the Limiter
//     refused to look at it (fault.Unavailable, or the caller went away).
//  5. A new hash, when the old one is outdated; then a new Token, never one that the
//     browser had before.
//  6. A code, where the account has a second factor: until then the session is
//     nobody's, and then it gets another Token.
//
// What the caller is told is the same for an unknown name, an inactive account
// and a wrong password.
package auth
