package job_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"roster/internal/auth"
	"roster/internal/job"
	"roster/internal/user"
)

// outbox is a job.Mailer that keeps what is sent, as "id to what". fail says how
// the n-th message to an address ends.
type outbox struct {
	mu      sync.Mutex
	sent    []string
	tries   map[string]int
	notices []string
	fail    func(to string, n int) error
}

func (o *outbox) put(id, to, what string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tries == nil {
		o.tries = map[string]int{}
	}
	o.tries[to]++
	if o.fail != nil {
		if err := o.fail(to, o.tries[to]); err != nil {
			return err
		}
	}
	o.sent = append(o.sent, id+" "+to+" "+what)
	return nil
}

func (o *outbox) SendWelcome(_ context.Context, id string, to user.User) error {
	return o.put(id, to.Email, "welcome "+to.Username)
}

func (o *outbox) SendNotification(_ context.Context, id string, to user.User, subject, _ string) error {
	return o.put(id, to.Email, subject)
}

func (o *outbox) SendReport(_ context.Context, id, to string, r job.Report) error {
	return o.put(id, to, fmt.Sprintf("%s total %d", r.Day, r.Total))
}

func (o *outbox) SendSecurityNotice(_ context.Context, _, username string, n auth.Notice) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.notices = append(o.notices, n.To+" "+username+" "+string(n.Event))
	return nil
}

func (o *outbox) SendBackupReminder(_ context.Context, id, to string, last job.MadeBackup, _ time.Time) error {
	return o.put(id, to, strconv.FormatBool(last.Created.IsZero()))
}

// to returns to whom how often was sent.
func (o *outbox) to() map[string]int {
	o.mu.Lock()
	defer o.mu.Unlock()
	counts := map[string]int{}
	for _, line := range o.sent {
		counts[strings.Fields(line)[1]]++
	}
	return counts
}
