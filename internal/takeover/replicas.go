package takeover

import (
	"fmt"
	"time"

	"roster/internal/finding"
)

// Follow is how a read replica follows its primary.
type Follow int

// How a replica may follow. Roster reads from those alone that keep up.
const (
	KeepsUp Follow = iota
	Unnamed        // it gives transactions no identifiers
	Apart          // it has none of the primary's transactions
	Stands         // it lacks some, and came no nearer while it was looked at
	Lags           // it lacks some, and came nearer, but not there
)

// Replicas is what is known of the read replicas that the settings name.
type Replicas struct {
	Unnamed bool              // the primary gives transactions no identifiers
	Follow  map[string]Follow // by address
	Waited  time.Duration     // how long those that lacked something were looked at
}

// JudgeReplicas tells which replicas are not read from, and why.
func JudgeReplicas(found Replicas) finding.List {
	var r Report
	if found.Unnamed {
		r.add(finding.Finding{
			ID: "mysql.replica.primary", Severity: finding.Warning, Title: "The primary gives transactions no identifiers",
			Detail: "How far a replica is cannot be told, so that none in DB_REPLICA_HOSTS is read from.",
			Remedy: "Give the server in DB_HOST a binary log, gtid_mode=ON and enforce_gtid_consistency=ON.", Count: int64(len(found.Follow)),
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
		Detail: "How far they are cannot be told, so that they are not read from.",
		Remedy: "Set gtid_mode=ON and enforce_gtid_consistency=ON, and let them replicate with SOURCE_AUTO_POSITION=1.",
	})
	r.noted(by[Apart], finding.Finding{
		ID: "mysql.replica.apart", Severity: finding.Warning, Title: "Read replicas have nothing of the primary",
		Detail: "They have none of the transactions that the server in DB_HOST has committed, and are not read from.",
		Remedy: "Let them replicate from that server, or take them out of DB_REPLICA_HOSTS.",
	})
	r.noted(by[Stands], finding.Finding{
		ID: "mysql.replica.stands", Severity: finding.Warning, Title: "Read replicas do not replicate",
		Detail: fmt.Sprintf("They lack what the primary has committed, and came no nearer in %s. They are not read from.", found.Waited),
		Remedy: "SHOW REPLICA STATUS on the replica says why; START REPLICA goes on.",
	})
	r.noted(by[Lags], finding.Finding{
		ID: "mysql.replica.lags", Severity: finding.Warning, Title: "Read replicas lag",
		Detail: fmt.Sprintf("They did not have within %s what the primary had committed. They are read from when they have caught up.", found.Waited),
		Remedy: "Give them as good a disk as the primary, and more threads that apply: replica_parallel_workers.",
	})
	return r.Findings
}
