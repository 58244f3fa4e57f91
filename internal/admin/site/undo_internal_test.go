package site

import (
	"encoding/json"
	"slices"
	"testing"
)

// A list of IDs survives JSON, sorted, and is short.
func TestIDList(t *testing.T) {
	t.Parallel()
	var many idList
	for i := range int64(maxUndo) {
		many = append(many, 1_000_000+i*40)
	}
	for _, list := range []idList{nil, {1}, {7, 3, 1 << 62}, many} {
		text, err := json.Marshal(list)
		var got idList
		if err == nil {
			err = json.Unmarshal(text, &got)
		}
		if want := slices.Sorted(slices.Values(list)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: got %v, %v", list, got, err)
		}
		if len(text) > 1000 {
			t.Errorf("%d IDs need %d bytes", len(list), len(text))
		}
	}
}
