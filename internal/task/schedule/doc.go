// Package schedule computes when periodic tasks run: the four kinds of schedule
// of django-celery-beat (crontab, interval, clocked, solar), the rows that use
// them, and the handling of missed slots.
//
// A slot is a time at which a schedule runs. It depends only on the schedule,
// so that any number of schedulers agree on it, and one row per (entry, slot)
// makes it run once. Crontabs follow the clocks of their zone:
//
//   - a time that the clocks skip runs at the first moment after the jump; several
//     such times are one slot;
//   - a time that occurs twice runs only the first time. Even crontabs of every
//     minute or hour pause for the repeated hour.
//
// Everything here is a pure function of its arguments; nothing reads a clock.
package schedule
