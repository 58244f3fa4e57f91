package job

import (
	"fmt"
	"time"

	"roster/internal/phrase"
)

// The numbers of messages in a row, without one that was sent, after which a
// mailing is paused. A server that answers many recipients alike does not mean
// them.
const (
	maxRejected    = 10 // rejected
	maxDeferred    = 100
	maxUnreachable = 8
)

// doubts decides what failed messages mean. Rejected recipients stay in doubt until
// another message is sent; a mailing that is paused before that tries them again.
type doubts struct {
	rejected             []Delivery // in doubt
	deferrals, unreached int        // in a row
	sent                 bool       // whether a message was sent in this run
	lastDeferral         string     // error
	lastRejection        string     // error
	lastFailure          string     // error of a message that reached no one
}

// why returns the last error of a recipient in this run, as the end of a sentence.
func (s *doubts) why() string {
	switch {
	case s.lastRejection != "":
		return ": " + s.lastRejection
	case s.lastDeferral != "":
		return ": " + s.lastDeferral
	}
	return ""
}

func (s *doubts) none() bool { return len(s.rejected) == 0 }

// weigh returns the deliveries of a batch, and earlier ones, that are decided, and
// why the mailing must pause, "" if it need not.
func (s *doubts) weigh(batch []Delivery, now time.Time) (decided []Delivery, stop string) {
	for _, d := range batch {
		switch {
		case d.State == Sent:
			decided = append(decided, s.believe()...)
			s.deferrals, s.unreached, s.sent = 0, 0, true
		case d.State != Waiting: // the user was deleted, or has unsubscribed
		case d.obstacle == Rejected:
			s.lastRejection = d.Error
			if d.State = Bounced; d.Attempts == 0 || !s.sent {
				s.rejected = append(s.rejected, d)
				continue
			}
		case d.obstacle == Deferred:
			s.deferrals++
			s.lastDeferral = d.Error
			if d.postpone(now); d.Attempts >= maxDeferrals {
				d.State = GivenUp
			}
		default:
			d.Due = now.Add(firstWait)
			s.lastFailure = d.Error
			if s.unreached++; d.obstacle == Blocked {
				stop = d.Error
			}
		}
		decided = append(decided, d)
	}
	if stop == "" {
		stop = s.judge()
	}
	if stop != "" {
		decided = append(decided, s.disbelieve(now)...)
	}
	return decided, stop
}

// judge returns why the mailing must pause, "" if it need not.
func (s *doubts) judge() string {
	switch {
	case len(s.rejected) >= maxRejected:
		return fmt.Sprintf("the server rejected %s in a row, the last with: %s", phrase.Count(int64(len(s.rejected)), "recipient"), s.rejected[len(s.rejected)-1].Error)
	case s.deferrals >= maxDeferred:
		return fmt.Sprintf("the server deferred %s in a row, the last with: %s", phrase.Count(int64(s.deferrals), "recipient"), s.lastDeferral)
	case s.unreached >= maxUnreachable:
		return s.lastFailure
	}
	return ""
}

// believe returns the recipients in doubt as rejected.
func (s *doubts) believe() []Delivery {
	all := s.rejected
	s.rejected = nil
	return all
}

// disbelieve returns the recipients in doubt, to be tried again after the others.
func (s *doubts) disbelieve(now time.Time) []Delivery {
	all := s.believe()
	for i := range all {
		all[i].postpone(now)
	}
	return all
}

// deferred describes the recipients that are to be tried again.
func (s *doubts) deferred(left int64) string {
	text := phrase.Count(left, "recipient") + " will be tried again"
	if s.lastDeferral != "" {
		text += "; the last error: " + s.lastDeferral
	}
	return text
}
