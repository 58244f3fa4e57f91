// Package task runs work in the background: kinds of tasks, the states that a
// task goes through, the worker that runs them, and the beat that starts them
// by the clock.
//
// A task is a row, stored in the transaction of the change that causes it, so
// that it is there exactly when the change is. A worker claims it under a lease,
// which it renews while it works. The lease and the number of the run fence
// everything that the worker writes about the task: a worker that was frozen,
// or cut off, and comes back after its lease ran out changes nothing.
//
// A task runs at least once. It is finished once: of two runs of the same task
// one is recorded. Work whose effects leave the database names them by the
// task's id, which stays the same.
//
// Errors and crashes are counted apart. An error is what the work returns; after
// too many the task is dead. A crash is a worker that is gone, or a panic; a
// task of a kind that is never to be repeated after an error runs again after a
// crash all the same.
package task
