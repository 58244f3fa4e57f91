package takeover

import (
	"fmt"
	"time"

	"roster/internal/finding"
)

// Follow is the replication state of a replica.
type Follow int

// The replication states. Roster only reads from replicas that keep up.
const (
	KeepsUp Follow = iota
	Unnamed        // has no GTIDs
	Apart          // has none of the primary's transactions
	Stands         // lacks some, without progress while it was checked
	Lags           // lacks some, with progress while it was checked
)

// Replicas describes the configured read replicas.
type Replicas struct {
	Unnamed bool              // the primary has no GTIDs
	Follow  map[string]Follow // by address
	Waited  time.Duration     // how long lagging replicas were checked
}

// JudgeReplicas reports which replicas are unused, and why.
func JudgeReplicas(found Replicas) finding.List {
	var r Report
	if found.Unnamed {
		r.add(finding.Finding{
			ID: "mysql.replica.primary", Severity: finding.Warning, Title: "The primary has no GTIDs",
			Detail: "The lag of replicas cannot be determined, so none in DB_REPLICA_HOSTS is used.",
			Remedy: "Enable the binary log on the server in DB_HOST, with gtid_mode=ON and enforce_gtid_consistency=ON.", Count: int64(len(found.Follow)),
		})
	}
	by := map[Follow]examples{}
	for _, address := range sortedKeys(found.Follow) {
		some := by[found.Follow[address]]
		some.add(address)
		by[found.Follow[address]] = some
	}
	r.noted(by[Unnamed], finding.Finding{
		ID: "mysql.replica.gtid", Severity: finding.Warning, Title: "Read replicas have gtid_mode off",
		Detail: "Their lag cannot be determined, so they are not used.",
		Remedy: "Set gtid_mode=ON and enforce_gtid_consistency=ON, and let them replicate with SOURCE_AUTO_POSITION=1.",
	})
	r.noted(by[Apart], finding.Finding{
		ID: "mysql.replica.apart", Severity: finding.Warning, Title: "Read replicas have no data of the primary",
		Detail: "They have none of the transactions committed on the server in DB_HOST, and are not used.",
		Remedy: "Let them replicate from that server, or remove them from DB_REPLICA_HOSTS.",
	})
	r.noted(by[Stands], finding.Finding{
		ID: "mysql.replica.stands", Severity: finding.Warning, Title: "Read replicas do not replicate",
		Detail: fmt.Sprintf("They lack transactions of the primary, without progress in %s. They are not used.", found.Waited),
		Remedy: "Run SHOW REPLICA STATUS on the replica to see why, and START REPLICA to continue.",
	})
	r.noted(by[Lags], finding.Finding{
		ID: "mysql.replica.lags", Severity: finding.Warning, Title: "Read replicas lag",
		Detail: fmt.Sprintf("They did not catch up with the primary within %s. They are used once they have caught up.", found.Waited),
		Remedy: "Give them a disk as fast as the primary's, and more applier threads: replica_parallel_workers.",
	})
	return r.Findings
}
