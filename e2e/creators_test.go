package e2e_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
)

// crashClients is how many clients create users at once.
const crashClients = 32

// creators are clients that create users, each under a key of its own, while
// the ground is pulled from under the server.
type creators struct {
	t      *testing.T
	client *http.Client

	mu         sync.Mutex
	made       int
	acked      map[int64]string // usernames that were acknowledged, by id
	unanswered []string         // usernames whose last request may have been done or not
}

func newCreators(t *testing.T) *creators {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: crashClients}}
	t.Cleanup(client.CloseIdleConnections)
	return &creators{t: t, client: client, acked: map[int64]string{}}
}

// createUntil lets all clients create users until each of them fails. kill is
// called once, after limit more were acknowledged; refused judges the failures.
func (c *creators) createUntil(s *server, limit int, kill func(), refused func(error) bool) {
	last := len(c.acked) + limit
	var group sync.WaitGroup
	for range crashClients {
		group.Go(func() {
			for {
				username := c.next()
				id, err := createUser(c.t.Context(), c.client, s.url, username)
				if err != nil {
					if !refused(err) {
						c.t.Errorf("%s: unexpected %v", username, err)
					}
					c.note(func() { c.unanswered = append(c.unanswered, username) })
					return
				}
				if c.acknowledge(id, username) == last {
					kill()
				}
			}
		})
	}
	group.Wait()
}

// repeat sends what was not answered again, with its key, until it is.
func (c *creators) repeat(s *server) {
	c.t.Helper()
	for _, username := range c.unanswered {
		id, err := createUser(c.t.Context(), c.client, s.url, username)
		if err != nil {
			c.t.Fatalf("%s again: %v", username, err)
		}
		c.acknowledge(id, username)
	}
	c.unanswered = nil
}

func (c *creators) next() (username string) {
	c.note(func() {
		c.made++
		username = fmt.Sprintf("crash-%d", c.made)
	})
	return username
}

// acknowledge notes a user and returns how many there are.
func (c *creators) acknowledge(id int64, username string) (n int) {
	c.note(func() {
		if known, twice := c.acked[id]; twice {
			c.t.Errorf("id %d was given to %s and to %s", id, known, username)
		}
		c.acked[id] = username
		n = len(c.acked)
	})
	return n
}

func (c *creators) note(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// compare compares the table with what was acknowledged: the same rows, each
// of them once and whole.
func (c *creators) compare(db *sql.DB) {
	c.t.Helper()
	rows, err := db.QueryContext(c.t.Context(), "SELECT id, username, email, first_name, address FROM t_users")
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	found := 0
	for ; rows.Next(); found++ {
		var id int64
		var username, email, firstName, address string
		if err := rows.Scan(&id, &username, &email, &firstName, &address); err != nil {
			c.t.Fatalf("half a row: %v", err)
		}
		if email != username+"@example.com" || firstName != username || address != username {
			c.t.Errorf("half a row: %d %q %q %q %q", id, username, email, firstName, address)
		}
		if c.acked[id] != username {
			c.t.Errorf("the table has user %d %s; acknowledged was %q", id, username, c.acked[id])
		}
	}
	if err := rows.Err(); err != nil || found != len(c.acked) {
		c.t.Errorf("got %d rows, %v, want the %d that were acknowledged", found, err, len(c.acked))
	}
}

// createUser creates a user under a key that follows from its name.
func createUser(ctx context.Context, client *http.Client, url, username string) (int64, error) {
	body := fmt.Sprintf(`{"username":%q,"email":"%s@example.com","first_name":%q,"address":%q}`, username, username, username, username)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/users/", bytes.NewBufferString(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", "key-of-"+username)
	answer, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	var row struct {
		ID int64 `json:"id"`
	}
	if answer.StatusCode != http.StatusCreated {
		return 0, fmt.Errorf("status %d: %s", answer.StatusCode, text)
	}
	return row.ID, json.Unmarshal(text, &row)
}
