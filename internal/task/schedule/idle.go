package schedule

import "time"

// Idle returns why an entry has no run from now on, a sentence, or "" if it has
// one.
func (e Entry) Idle(now time.Time) string {
	slots, wake := e.Due(now)
	switch {
	case len(slots) > 0 || !wake.IsZero():
		return ""
	case e.Schedule == nil:
		return "It has no schedule."
	case !e.Enabled:
		return "It is disabled."
	case e.Spent():
		return "It is one-off and has already run. To run it again, disable it and then enable it."
	case e.expired(now):
		return "It has expired."
	case !e.Expires.IsZero():
		return "It expires before its next run."
	}
	if c, ok := e.Schedule.(Clocked); ok {
		return e.missed(c)
	}
	return "Its time never comes."
}

// missed returns why a clocked entry does not run.
func (e Entry) missed(c Clocked) string {
	switch {
	case !e.LastRunAt.IsZero() && !c.at.After(e.LastRunAt):
		return "It has already run. To run it again, set a later time."
	case c.at.Before(e.StartTime):
		return "Its time is before its start time."
	}
	return "Its time was before it was last changed or enabled. Set a later time, or start it manually."
}
