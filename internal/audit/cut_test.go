package audit_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"roster/internal/audit"
)

// cutAt returns ten sealed rows, the head, and the cut behind the first four.
func cutAt(t *testing.T, chain audit.Chain) (rows []audit.Row, cut, head audit.Head) {
	t.Helper()
	rows, head = sealed(t, chain, 10)
	cut, err := chain.Retire(audit.Head{}, rows, rows[4].At)
	if err != nil || cut.Link != 4 || cut.Seal != rows[3].Seal {
		t.Fatalf("got %+v, %v, want the fourth", cut, err)
	}
	return rows, cut, head
}

// What is behind a cut verifies, also after more was sealed and cut.
func TestRetire_Sound(t *testing.T) {
	t.Parallel()
	chain := audit.NewChain("secret")
	rows, cut, head := cutAt(t, chain)
	if got := verifyFrom(chain, cut, head, rows[4:]); got != "" {
		t.Errorf("got %s, want nothing", got)
	}
	if same, err := chain.Retire(cut, rows[4:], rows[4].At); err != nil || same != cut {
		t.Errorf("nothing is old enough: got %+v, %v", same, err)
	}
	all, err := audit.NewChain("new", "secret").Retire(cut, rows[4:], rows[9].At.Add(time.Second))
	if err != nil || all.Link != 10 {
		t.Fatalf("all, with another key: got %+v, %v", all, err)
	}
	if got := verifyFrom(audit.NewChain("new", "secret"), all, head, nil); got != "" {
		t.Errorf("an empty chain behind a cut: got %s", got)
	}
	if got := verifyFrom(chain, all, head, nil); !strings.Contains(got, "not known here") {
		t.Errorf("without the new key: got %q", got)
	}
}

// Whatever somebody without the key does at and around the cut is found.
func TestRetire_VerifyFindsWhatWasDone(t *testing.T) {
	t.Parallel()
	chain := audit.NewChain("secret")
	for name, tamper := range map[string]func(rows []audit.Row, cut, head *audit.Head) []audit.Row{
		"first one altered": func(rows []audit.Row, _, _ *audit.Head) []audit.Row { rows[4].Actor = "eve"; return rows[4:] },
		"first one removed": func(rows []audit.Row, _, _ *audit.Head) []audit.Row { return rows[5:] },
		"all removed":       func([]audit.Row, *audit.Head, *audit.Head) []audit.Row { return nil },
		"last one put back": func(rows []audit.Row, _, _ *audit.Head) []audit.Row { return rows[3:] },
		"older one made up": func(rows []audit.Row, _, _ *audit.Head) []audit.Row { rows[3].Link = 1; return rows[3:] },
		"link below all":    func(rows []audit.Row, _, _ *audit.Head) []audit.Row { rows[3].Link = -7; return rows[3:] },
		"cut forgotten":     func(rows []audit.Row, cut, _ *audit.Head) []audit.Row { *cut = audit.Head{}; return rows[4:] },
		"cut moved on": func(rows []audit.Row, cut, _ *audit.Head) []audit.Row {
			cut.Link, cut.Seal = 6, rows[5].Seal
			return rows[6:]
		},
		"cut with another key": func(rows []audit.Row, cut, _ *audit.Head) []audit.Row {
			*cut, _ = audit.NewChain("guessed").Retire(audit.Head{}, nil, noon)
			cut.Link, cut.Seal, cut.Proof = 6, rows[5].Seal, "00000000:00"
			return rows[6:]
		},
		"head used as a cut": func(_ []audit.Row, cut, head *audit.Head) []audit.Row { *cut = *head; return nil },
		"cut used as a head": func(_ []audit.Row, cut, head *audit.Head) []audit.Row { *head = *cut; return nil },
		"head of long ago": func(rows []audit.Row, _, head *audit.Head) []audit.Row {
			*head, _ = chain.Append(audit.Head{}, slices.Clone(rows[:3]))
			return nil
		},
		"older cut": func(rows []audit.Row, cut, _ *audit.Head) []audit.Row {
			*cut, _ = chain.Retire(audit.Head{}, rows, rows[2].At)
			return rows[4:]
		},
	} {
		rows, cut, head := cutAt(t, chain)
		rows = tamper(rows, &cut, &head)
		if verifyFrom(chain, cut, head, rows) == "" {
			t.Errorf("%s: nothing was found", name)
		}
	}
}

// Nothing that was tampered with is removed: the proof of the new cut would hide it.
func TestRetire_Refuses(t *testing.T) {
	t.Parallel()
	chain := audit.NewChain("secret")
	for name, tamper := range map[string]func(rows []audit.Row, cut *audit.Head) []audit.Row{
		"dated back":    func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[5].At = noon; return rows[4:] },
		"altered":       func(rows []audit.Row, _ *audit.Head) []audit.Row { rows[4].Actor = "eve"; return rows[4:] },
		"removed first": func(rows []audit.Row, _ *audit.Head) []audit.Row { return rows[5:] },
		"put back":      func(rows []audit.Row, _ *audit.Head) []audit.Row { return rows[3:] },
		"forged cut with its seal": func(rows []audit.Row, cut *audit.Head) []audit.Row {
			cut.Link, cut.Seal = 5, rows[4].Seal
			return rows[5:]
		},
		"forged cut":    func(rows []audit.Row, cut *audit.Head) []audit.Row { cut.Link = 5; return rows[5:] },
		"forgotten cut": func(rows []audit.Row, cut *audit.Head) []audit.Row { *cut = audit.Head{}; return rows[4:] },
	} {
		rows, cut, _ := cutAt(t, chain)
		before := rows[7].At
		rows = tamper(rows, &cut)
		if after, err := chain.Retire(cut, rows, before); err == nil || after != cut {
			t.Errorf("%s: got %+v, %v, want a refusal that moves nothing", name, after, err)
		}
	}
}

// What is sealed and proved without any key is as good as altered.
func TestChain_WithoutKey(t *testing.T) {
	t.Parallel()
	chain := audit.NewChain("secret")
	forged, whole, _ := cutAt(t, chain)
	forged[5].Seal = audit.SealWithoutKey(forged[4].Seal, &forged[5])
	if _, err := chain.Retire(whole, forged[4:6], forged[5].At.Add(time.Second)); err == nil {
		t.Error("a row sealed without a key is removed")
	}
	rows, cut, head := cutAt(t, chain)
	head.Proof = audit.ProveWithoutKey(head)
	if _, err := chain.Append(head, nil); err == nil || verifyFrom(chain, cut, head, rows[4:]) == "" {
		t.Errorf("a head proved without a key: got %v", err)
	}
	cut.Proof = audit.ProveCutWithoutKey(cut)
	if _, err := chain.Retire(cut, rows[4:], rows[5].At); err == nil {
		t.Error("a cut proved without a key is taken")
	}
}
