package e2e_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// indexRounds is how often the drill of the search index kills, and how many
// users come with each round.
func indexRounds() (rounds, users int) {
	if os.Getenv("ROSTER_DRILL") == "long" {
		return 20, 600
	}
	return 2, 600
}

// indexWords is how many first names the users of the drill have.
const indexWords = 20

// TestDrill_KilledKeeperHidesNoUser kills the server (SIGKILL) at random moments
// while it keeps the search index, clients create users, and another program
// renames and deletes some. Then another process goes on with the index, and
// searches find whom the users' own texts say, for every first name and for many
// usernames.
func TestDrill_KilledKeeperHidesNoUser(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, settings []string) {
		t.Helper()
		settings = append(settings, signing, "LOG_DIR=", "LOG_LEVEL=WARNING", "LOG_LEVELS=server=INFO", "PAGE_SIZE=1000")
		kept := openStore(t, settings)
		d := &indexDrill{t: t, settings: settings, db: openDB(t, settings), clients: newCreators(t)}
		t.Cleanup(func() { _ = d.db.Close() })
		rounds, users := indexRounds()
		for n := range rounds {
			d.round(n, users)
		}
		d.expire()
		if err := kept.Index(t.Context()); err != nil {
			t.Fatalf("going on with the index: %v", err)
		}
		if left := d.count("SELECT COUNT(*) FROM roster_search_pending"); left != 0 || d.count("SELECT complete FROM roster_search_state") != 1 {
			t.Errorf("%d users are not in the index, want it complete", left)
		}
		d.judge()
	})
}

type indexDrill struct {
	t        *testing.T
	settings []string
	db       *sql.DB
	clients  *creators
	words    []string
	left     []int // how many users were not in the index at each kill
}

// round has a server that finds much to do, and kills it.
func (d *indexDrill) round(n, users int) {
	d.t.Helper()
	addUsers(d.t, d.settings, fmt.Sprintf("round%d", n), users)
	s := d.start()
	var others sync.WaitGroup
	others.Go(d.rename)
	d.clients.createUntil(s, 1+rand.IntN(200), s.kill, func(error) bool { return true })
	others.Wait()
	d.left = append(d.left, d.count("SELECT COUNT(*) FROM roster_search_pending"))
}

// expire has the lease of the server that was killed run out.
func (d *indexDrill) expire() { d.exec("UPDATE roster_search_state SET until_at = 0") }

// start starts a server whose keeper need not wait.
func (d *indexDrill) start() *server {
	d.t.Helper()
	d.expire()
	return startServer(d.t, d.t.TempDir(), d.settings...)
}

// rename gives every user another first name, as another program would, and
// deletes some.
func (d *indexDrill) rename() {
	d.words = nil
	for n := range indexWords {
		d.words = append(d.words, fmt.Sprintf("%c%c%05x", 'g'+rune(n%10), 'g'+rune(n/10), rand.IntN(1<<20)))
		d.exec(fmt.Sprintf("UPDATE t_users SET first_name = '%s' WHERE id %% %d = %d", d.words[n], indexWords, n))
	}
	d.exec("DELETE FROM t_users WHERE id % 101 = 7")
}

func (d *indexDrill) exec(statement string) {
	if _, err := d.db.ExecContext(d.t.Context(), statement); err != nil {
		d.t.Errorf("%s: %v", statement, err)
	}
}

func (d *indexDrill) count(query string) (n int) {
	d.t.Helper()
	if err := d.db.QueryRowContext(d.t.Context(), query).Scan(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

// judge compares what searches find with what they should.
func (d *indexDrill) judge() {
	d.t.Helper()
	s := d.start()
	texts := d.texts()
	ids := slices.Collect(maps.Keys(texts)) // in any order
	searches := slices.Clone(d.words)
	for n, id := range ids {
		username, _, _ := strings.Cut(texts[id], " ")
		if n < 40 || strings.HasSuffix(texts[id], username) { // it came after the others were renamed
			searches = append(searches, username)
		}
	}
	searches = append(searches, "round0-9 example", "no-such-user")
	reached := map[int64]bool{}
	for _, words := range searches {
		got, want := s.search(words), holding(texts, words)
		if !slices.Equal(got, want) {
			d.t.Errorf("%q: got %d users, want %d: %.200s", words, len(got), len(want), fmt.Sprint(got, want))
		}
		for _, id := range got {
			reached[id] = true
		}
	}
	if len(reached) != len(texts) {
		d.t.Errorf("the searches have found %d of %d users", len(reached), len(texts))
	}
	d.t.Logf("%d users, %d searches; not in the index at each kill: %v", len(texts), len(searches), d.left)
}

// texts are what of each user is searched, the username first.
func (d *indexDrill) texts() map[int64]string {
	d.t.Helper()
	rows, err := d.db.QueryContext(d.t.Context(), "SELECT id, username, email, first_name FROM t_users")
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	texts := map[int64]string{}
	for rows.Next() {
		var id int64
		var username, email, firstName string
		if err := rows.Scan(&id, &username, &email, &firstName); err != nil {
			d.t.Fatal(err)
		}
		texts[id] = username + " " + email + " " + firstName
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return texts
}

// holding returns the ids of those whose texts have all the words, in order.
func holding(texts map[int64]string, words string) (ids []int64) {
	for id, text := range texts {
		all := true
		for word := range strings.FieldsSeq(words) {
			all = all && strings.Contains(text, word)
		}
		if all {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// search returns the ids of whom the API finds, in order.
func (s *server) search(words string) (ids []int64) {
	s.t.Helper()
	status, text := s.call(http.MethodGet, "/api/users/?search="+url.QueryEscape(words), "")
	var page struct {
		Count   int
		Results []struct{ ID int64 }
	}
	if err := json.Unmarshal([]byte(text), &page); err != nil || status != http.StatusOK || page.Count != len(page.Results) {
		s.t.Fatalf("search for %q: got %d %.200s, %v", words, status, text, err)
	}
	for _, user := range page.Results {
		ids = append(ids, user.ID)
	}
	slices.Sort(ids)
	return ids
}
