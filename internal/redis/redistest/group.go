package redistest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Watched is a server with a replica, and a sentinel that promotes the replica
// when the server has been down for half a second.
type Watched struct {
	Master, Replica, Sentinel *Server
}

// MasterName is the name of the master in Watched's sentinel.
const MasterName = "main"

// StartWatched starts them, and returns once the sentinel knows the replica.
func StartWatched(t testing.TB) Watched {
	t.Helper()
	w := Watched{Master: Start(t)}
	w.Replica = Start(t, "--replicaof", "127.0.0.1", strconv.Itoa(w.Master.Port), "--repl-diskless-sync-delay", "0")
	config := filepath.Join(t.TempDir(), "sentinel.conf")
	text := fmt.Sprintf("sentinel monitor %[1]s 127.0.0.1 %[2]d 1\nsentinel down-after-milliseconds %[1]s 500\nsentinel failover-timeout %[1]s 2000\n",
		MasterName, w.Master.Port)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.Replica.await(t, "INFO replication", "master_link_status:up")
	w.Sentinel = start(t, config, "--sentinel")
	w.Sentinel.await(t, "INFO sentinel", "slaves=1")
	return w
}

// StartCluster starts a cluster of three nodes, and returns once it is ready.
func StartCluster(t testing.TB) (nodes []*Server) {
	t.Helper()
	const slots, count = 16384, 3
	for n := range count {
		node := Start(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "1000")
		nodes = append(nodes, node)
		node.Do(t, fmt.Sprintf("CLUSTER ADDSLOTSRANGE %d %d", slots*n/count, slots*(n+1)/count-1))
		node.Do(t, fmt.Sprintf("CLUSTER MEET 127.0.0.1 %d", nodes[0].Port))
	}
	for _, node := range nodes {
		node.await(t, "CLUSTER INFO", "cluster_state:ok")
	}
	return nodes
}
