// Package task runs background tasks: kinds of tasks, their states, the worker
// that runs them, and the beat that starts periodic ones.
//
// A task is a row, stored in the transaction of the change that causes it, so
// that it exists exactly if the change does. A worker claims it under a lease,
// which it renews while it works. The lease and the number of the run fence all
// writes of the worker about the task: a worker that was frozen or disconnected
// and returns after its lease expired changes nothing.
//
// A task runs at least once and finishes once: of two runs of the same task,
// one is recorded. Work with external effects identifies them by the task's id,
// which stays the same.
//
// Errors and crashes are counted separately. An error is returned by the work;
// after too many, the task is dead. A crash is a lost worker or a panic. After
// a crash, a task runs again even if its kind is never retried after an error.
package task
