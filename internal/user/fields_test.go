package user_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roster/internal/user"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestTable compares the order, the labels and the rules of the fields with those
// of the golden file.
func TestTable(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, f := range user.Table().Fields() {
		fmt.Fprintf(&b, "%s %s %q", f.Name, f.Type, f.Label)
		fmt.Fprintf(&b, " required=%t readonly=%t null=%t blank=%t", f.Required, f.ReadOnly, f.Nullable, f.Blank)
		fmt.Fprintf(&b, " %d–%d\n", f.MinLength, f.MaxLength)
	}
	const golden = "testdata/fields.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
}
