// Package schedule says when periodic tasks run: the four kinds of schedule of
// django-celery-beat (crontab, interval, clocked, solar), the rows that use
// them, and what becomes of slots that nobody ran.
//
// A slot is a moment at which a schedule runs. It is a function of the
// schedule alone, so that any number of schedulers agree on it and one row per
// (entry, slot) makes it run once. Crontabs follow the clocks of their zone:
//
//   - a time that the clocks jump over runs at the first moment after the jump;
//     several such times are one slot;
//   - a time that the clocks show twice runs the first time alone, also for
//     crontabs of every minute or hour, which pause for the repeated hour.
//
// Everything here is a pure function of its arguments; nothing reads a clock.
// The zones are embedded, and used where the system has none.
package schedule
