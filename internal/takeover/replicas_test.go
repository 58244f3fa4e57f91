package takeover_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roster/internal/takeover"
)

func TestReplicas(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		unnamed bool
		follow  map[string]takeover.Follow
		want    []string
	}{
		"none":     {false, nil, nil},
		"keeps up": {false, map[string]takeover.Follow{"a:1": takeover.KeepsUp}, nil},
		"primary":  {true, map[string]takeover.Follow{"a:1": takeover.KeepsUp}, []string{"warning mysql.replica.primary: The primary has no GTIDs (1) "}},
		"all": {false, map[string]takeover.Follow{"e:1": takeover.Unnamed, "d:1": takeover.Apart, "c:1": takeover.Stands, "b:1": takeover.Lags, "a:1": takeover.Lags}, []string{
			"warning mysql.replica.gtid: Read replicas have gtid_mode off (1) e:1",
			"warning mysql.replica.apart: Read replicas have no data of the primary (1) d:1",
			"warning mysql.replica.stands: Read replicas do not replicate (1) c:1",
			"warning mysql.replica.lags: Read replicas lag (2) a:1; b:1",
		}},
	} {
		found := takeover.JudgeReplicas(takeover.Replicas{Unnamed: c.unnamed, Follow: c.follow, Waited: 5 * time.Second})
		if diff := cmp.Diff(c.want, lines(takeover.Report{Findings: found})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
