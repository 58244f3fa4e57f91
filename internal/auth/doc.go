// Package auth manages staff accounts: permissions, logins and sessions. Its
// services are Accounts, Groups, Sessions and Factors. Package password has the
// hashes, package totp the codes of the second factor.
//
// A login has these steps:
//
//  1. The account, with its hash, or "" if the account does not exist, is
//     inactive, or not staff.
//  2. LoginThrottle.Take: rejected attempts cost two reads.
//  3. password.Limiter.Verify, which takes as long for "" as for a hash.
//  4. LoginThrottle.GiveBack if the password was right, or the Limiter did not
//     verify it (fault.Unavailable, or the caller disconnected).
//  5. A new hash if the old one is outdated; then a new Token, never one that the
//     browser had before.
//  6. A code, if the account has a second factor. Until then the session has no
//     actor; afterwards it gets another Token.
//
// The response is the same for an unknown name, an inactive account and a wrong
// password.
package auth
