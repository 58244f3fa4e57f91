package audit_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"roster/internal/access"
	"roster/internal/audit"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)

// row returns an entry, as it is stored, whose values follow from n.
func row(n int) audit.Row {
	door := [...]access.Door{"", access.Admin}[n%2]
	actor := access.System("test").From(access.Origin{Address: "192.0.2.1", RequestID: fmt.Sprint("request", n), Door: door}).By(access.Credential{Kind: access.JWT})
	changes := []audit.Change{{Field: "phone", Old: nil, New: strconv.Itoa(n)}}
	text, err := audit.MarshalChanges(changes)
	if err != nil {
		panic(err)
	}
	e := audit.NewEntry(noon.Add(time.Duration(n)*time.Second), actor, audit.Update, audit.Object{Type: "user", ID: int64(n), Name: "ann"}, changes)
	e.ID = int64(10 * n)
	return audit.Row{Entry: e, ChangesText: text}
}

// oldSeals are the seals of the rows 1 to 3 and their head, as versions without
// credentials made them.
var (
	oldSeals = []string{
		"e9b65780:fdf6522bb969f61caa572fb3d7dabb90f3a9a0a2437fc89e8b02b966afb4138a",
		"e9b65780:e9a6f494dac4d764f7adde93ab69107ebde675e8dd1daaf1e17e997ab090f2cf",
		"e9b65780:ae04b16e672d60a414b2b0588b4681cbdbd972dd6cdd9d655674d8abf4bbe47f",
	}
	oldHead = audit.Head{Link: 3, Seal: oldSeals[2], Proof: "e9b65780:5a0abe5518f3cc7f05cb97e4ba5e4c826b11f2b2c1299c914dd096c7cc969cef"}
)

// Seals of older versions are sound, and entries of this version follow them. A
// credential that such a seal does not cover is reported, and no other change to the
// entry is overlooked.
func TestVerify_OldSeals(t *testing.T) {
	t.Parallel()
	chain := audit.NewChain("secret")
	old := func() (rows []audit.Row) {
		for i, seal := range oldSeals {
			r := row(i + 1)
			r.Link, r.Seal, r.Credential = int64(i+1), seal, ""
			rows = append(rows, r)
		}
		return rows
	}
	rows := append(old(), row(4), row(5))
	head, err := chain.Append(oldHead, rows[3:])
	if err != nil {
		t.Fatal(err)
	}
	if got := verify(chain, head, rows); got != "" {
		t.Errorf("got %s, want nothing", got)
	}
	rows[1].Credential = "JWT"
	v := audit.NewVerifier(chain, audit.Head{}, head)
	for i := range rows {
		v.Add(&rows[i])
	}
	if got := v.Finish(); len(got.Problems) != 0 || got.String() != "The audit trail is sound: 5 sealed entries; 1 of the seals does not cover the credential, as an older version made them during an upgrade." {
		t.Errorf("got %q, %q", got, got.Problems)
	}
	for name, tamper := range map[string]func([]audit.Row){
		"the credential of a new entry": func(rows []audit.Row) { rows[3].Credential = "session" },
		"the actor of an old entry":     func(rows []audit.Row) { rows[1].Actor, rows[1].Credential = "eve", "JWT" },
		"the door of an old entry":      func(rows []audit.Row) { rows[0].Origin.Door, rows[0].Credential = "", "admin" },
	} {
		changed := append(old(), rows[3], rows[4])
		if tamper(changed); verify(chain, head, changed) == "" {
			t.Errorf("%s: got nothing", name)
		}
	}
	if cut, err := chain.Retire(audit.Head{}, old(), row(3).At); err != nil || cut.Link != 2 {
		t.Errorf("got the cut %+v, %v, want it behind the second", cut, err)
	}
}

// sealed returns n rows that chain has sealed, and the head.
func sealed(t *testing.T, chain audit.Chain, n int) ([]audit.Row, audit.Head) {
	t.Helper()
	var rows []audit.Row
	for i := range n {
		rows = append(rows, row(i+1))
	}
	head, err := chain.Append(audit.Head{}, rows)
	if err != nil {
		t.Fatal(err)
	}
	return rows, head
}

// verify returns what is wrong with the rows.
func verify(chain audit.Chain, head audit.Head, rows []audit.Row) string {
	return verifyFrom(chain, audit.Head{}, head, rows)
}

// verifyFrom returns what is wrong with the rows behind a cut.
func verifyFrom(chain audit.Chain, cut, head audit.Head, rows []audit.Row) string {
	v := audit.NewVerifier(chain, cut, head)
	for i := range rows {
		v.Add(&rows[i])
	}
	return strings.Join(v.Finish().Problems, "\n")
}

func TestVerify_Sound(t *testing.T) {
	t.Parallel()
	chain := audit.NewChain("secret")
	rows, head := sealed(t, chain, 5)
	if rows[2].Origin.Door == "" || rows[3].Origin.Door != "" {
		t.Fatal("want entries with and without a door, which older ones lack")
	}
	if got := verify(chain, head, rows); got != "" {
		t.Errorf("got %s, want nothing", got)
	}
	more := []audit.Row{row(6), row(7)}
	longer, err := chain.Append(head, more)
	if err != nil || longer.Link != 7 {
		t.Fatalf("got %+v, %v", longer, err)
	}
	// A head that was read before the last ones were sealed is no problem.
	for _, head := range []audit.Head{head, longer} {
		if got := verify(chain, head, slices.Concat(rows, more)); got != "" {
			t.Errorf("got %s, want nothing", got)
		}
	}
	if got := verify(chain, audit.Head{}, nil); got != "" {
		t.Errorf("an empty chain: got %s", got)
	}
}

// Whatever somebody without the key does to sealed rows is found.
func TestVerify_FindsWhatWasDone(t *testing.T) {
	t.Parallel()
	chain := audit.NewChain("secret")
	for name, tamper := range map[string]func(rows []audit.Row, head *audit.Head) []audit.Row{
		"time":          func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].At = noon; return rows },
		"actor":         func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].Actor = "eve"; return rows },
		"actor id":      func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].ActorID = 7; return rows },
		"action":        func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].Action = audit.Delete; return rows },
		"object":        func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].Object.ID++; return rows },
		"object name":   func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].Object.Name = "bob"; return rows },
		"object type":   func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].Object.Type = "group"; return rows },
		"changes":       func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].ChangesText = "[]"; return rows },
		"address":       func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].Origin.Address = ""; return rows },
		"request":       func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].Origin.RequestID = ""; return rows },
		"reason":        func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].Reason = "because"; return rows },
		"door":          func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].Origin.Door = ""; return rows },
		"door added":    func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[3].Origin.Door = access.Admin; return rows },
		"credential":    func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].Credential = "session"; return rows },
		"no credential": func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].Credential = ""; return rows },
		"a door as credential": func(rows []audit.Row, _ *audit.Head) []audit.Row {
			rows[2].Origin.Door, rows[2].Credential = "", string(access.Admin)
			return rows
		},
		"id":       func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[2].ID++; return rows },
		"last one": func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[4].Actor = "eve"; return rows },
		"moved text": func(rows []audit.Row, _ *audit.Head) []audit.Row {
			rows[2].Object.Type, rows[2].Object.Name = "usera", "nn"
			return rows
		},
		"removed":       func(rows []audit.Row, _ *audit.Head) []audit.Row { return slices.Delete(rows, 2, 3) },
		"removed first": func(rows []audit.Row, _ *audit.Head) []audit.Row { return rows[1:] },
		"removed last":  func(rows []audit.Row, _ *audit.Head) []audit.Row { return rows[:4] },
		"removed all":   func([]audit.Row, *audit.Head) []audit.Row { return nil },
		"closed the gap": func(rows []audit.Row, _ *audit.Head) []audit.Row {
			rows = slices.Delete(rows, 2, 3)
			rows[2].Link, rows[3].Link = 3, 4
			return rows
		},
		"swapped": func(rows []audit.Row, _ *audit.Head) []audit.Row {
			rows[1].Entry, rows[2].Entry = rows[2].Entry, rows[1].Entry
			return rows
		},
		"moved the head back": func(rows []audit.Row, head *audit.Head) []audit.Row {
			head.Link, head.Seal = 4, rows[3].Seal
			return rows[:4]
		},
		"forgot the head": func(rows []audit.Row, head *audit.Head) []audit.Row {
			*head = audit.Head{Link: 5}
			return rows
		},
		"sealed with another key": func(rows []audit.Row, head *audit.Head) []audit.Row {
			rows[2].Actor = "eve"
			*head, _ = audit.NewChain("guessed").Append(audit.Head{}, rows)
			return rows
		},
	} {
		rows, head := sealed(t, chain, 5)
		rows = tamper(rows, &head)
		if verify(chain, head, rows) == "" {
			t.Errorf("%s: nothing was found", name)
		}
	}
}

// A new proof would hide what was cut off, so there is none for a head that
// somebody else made.
func TestAppend_RefusesAForgedHead(t *testing.T) {
	t.Parallel()
	chain := audit.NewChain("secret")
	rows, head := sealed(t, chain, 5)
	head.Link, head.Seal = 4, rows[3].Seal
	more := []audit.Row{row(6)}
	if got, err := chain.Append(head, more); err == nil || got != head || more[0].Seal != "" {
		t.Errorf("got %+v, %v and %+v, want a refusal that changes nothing", got, err, more[0])
	}
}

// After SECRET_KEY was changed the older seals hold as long as the old key is known.
func TestChain_KeyChanged(t *testing.T) {
	t.Parallel()
	rows, head := sealed(t, audit.NewChain("old"), 3)
	chain := audit.NewChain("new", "older", "old")
	more := []audit.Row{row(4)}
	head, err := chain.Append(head, more)
	if err != nil {
		t.Fatal(err)
	}
	all := append(rows, more...)
	if got := verify(chain, head, all); got != "" {
		t.Errorf("got %s, want nothing", got)
	}
	if got := verify(audit.NewChain("new"), head, all); strings.Count(got, "not known here") != 3 {
		t.Errorf("without the old key: got %s, want the three that it sealed", got)
	}
	if _, err := audit.NewChain("other").Append(head, []audit.Row{row(5)}); err == nil {
		t.Error("another key went on with the chain")
	}
}

func TestVerify_ReportsSomeOfMany(t *testing.T) {
	t.Parallel()
	chain := audit.NewChain("secret")
	rows, head := sealed(t, chain, 300)
	for i := range rows {
		rows[i].Actor = "eve"
	}
	got := verify(chain, head, rows)
	if lines := strings.Count(got, "\n") + 1; lines != 101 || !strings.HasSuffix(got, "\nand 200 more") {
		t.Errorf("got %d lines, the last %q", lines, got[strings.LastIndex(got, "\n")+1:])
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	changes := []audit.Change{{Field: "a", Old: "x", New: nil}, {Field: "b", Old: false, New: true}, audit.Secret("password")}
	text, err := audit.MarshalChanges(changes)
	want := `[{"field":"a","old":"x","new":null},{"field":"b","old":false,"new":true},{"field":"password","old":"[secret]","new":"[secret]"}]`
	if err != nil || text != want {
		t.Errorf("got %s, %v, want %s", text, err, want)
	}
	if back, err := audit.UnmarshalChanges(text); err != nil || !slices.Equal(back, changes) {
		t.Errorf("got %+v, %v, want %+v", back, err, changes)
	}
	if text, err := audit.MarshalChanges(nil); err != nil || text != "[]" {
		t.Errorf("got %s, %v of none", text, err)
	}
	if back, err := audit.UnmarshalChanges("[{"); err == nil {
		t.Errorf("got %v of half a text", back)
	}
}

// The first hundred problems are listed, and the others counted.
func TestVerify_ManyProblems(t *testing.T) {
	t.Parallel()
	chain := audit.NewChain("secret")
	for n, want := range map[int]string{99: "", 100: "", 101: "and 1 more", 102: "and 2 more"} {
		rows, head := sealed(t, chain, n)
		for i := range rows {
			rows[i].Reason = "forged"
		}
		v := audit.NewVerifier(chain, audit.Head{}, head)
		for i := range rows {
			v.Add(&rows[i])
		}
		found := v.Finish().Problems
		last := found[len(found)-1]
		if want == "" && (len(found) != n || strings.Contains(last, "more")) || want != "" && (len(found) != 101 || last != want) {
			t.Errorf("%d problems: got %d, the last of which is %q, want %q", n, len(found), last, want)
		}
	}
}

// Entries are sealed until none is left, whatever their number is to that of a
// transaction.
func TestSeal_Batches(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 499, 500, 501, 1000} {
		m := &memory{}
		m.add(n)
		trail, _ := newTrail(m)
		if sealed, err := trail.Seal(t.Context()); err != nil || sealed != n || m.sealed() != int64(n) {
			t.Errorf("%d entries: got %d, %v", n, sealed, err)
		}
	}
}

// Findings name the links.
func TestVerify_Messages(t *testing.T) {
	t.Parallel()
	chain := audit.NewChain("secret")
	for want, keep := range map[string]func([]audit.Row) []audit.Row{
		"2 missing: link 2 to 3":            func(rows []audit.Row) []audit.Row { return slices.Delete(rows, 1, 3) },
		"1 missing: link 1 to 1":            func(rows []audit.Row) []audit.Row { return rows[1:] },
		"2 missing at the end: link 4 to 5": func(rows []audit.Row) []audit.Row { return rows[:3] },
		"1 missing at the end: link 5 to 5": func(rows []audit.Row) []audit.Row { return rows[:4] },
		"5 missing at the end: link 1 to 5": func([]audit.Row) []audit.Row { return nil },
		"link 5: the head of the chain has another seal": func(rows []audit.Row) []audit.Row {
			rows[4].Seal = rows[3].Seal
			return rows
		},
	} {
		rows, head := sealed(t, chain, 5)
		if got := verify(chain, head, keep(rows)); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
