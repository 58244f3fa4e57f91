package phrase_test

import (
	"testing"

	"roster/internal/phrase"
)

func TestCount_Agrees(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 users are", 1: "1 user is", 2: "2 users are", 1234: "1234 users are"} {
		if got := phrase.Count(n, "user") + " " + phrase.Verb(int64(n), "is", "are"); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestNoun_Plural(t *testing.T) {
	t.Parallel()
	for one, many := range map[string]string{"row": "rows", "entry": "entries", "day": "days", "key": "keys"} {
		if got := phrase.Noun(2, one); got != many {
			t.Errorf("got %q, want %q", got, many)
		}
	}
}

func TestSize_Units(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 507904: "496.0 KiB", 1<<20 - 1: "1.0 MiB", 1 << 20: "1.0 MiB",
		1536 << 20: "1.5 GiB", 1 << 40: "1.0 TiB", 3 << 50: "3072.0 TiB",
	} {
		if got := phrase.Size(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}
