package examine

import (
	"context"
	"database/sql/driver"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"roster/internal/store/mysql"
	"roster/internal/store/sqldb"
	"roster/internal/takeover"
)

// lookEvery is the interval between checks of a lagging replica.
const lookEvery = 100 * time.Millisecond

const (
	selectNamed = "SELECT @@GLOBAL.log_bin AND @@GLOBAL.gtid_mode IN ('ON', 'ON_PERMISSIVE'), @@GLOBAL.gtid_executed"
	// Whether it has GTIDs, what it lacks of a set, and that set as normalized
	// by the server.
	selectLacking = "SELECT @@GLOBAL.gtid_mode IN ('ON', 'ON_PERMISSIVE'), GTID_SUBTRACT(?, @@GLOBAL.gtid_executed), GTID_SUBTRACT(?, '')"
)

// Replicas checks the configured replicas: whether they receive what the
// primary has committed by now, within patience. It needs no privileges other
// than to connect. The error names the setting and the address of a server that
// cannot be queried.
func Replicas(ctx context.Context, o mysql.Options, patience time.Duration) (found takeover.Replicas, err error) {
	found = takeover.Replicas{Follow: map[string]takeover.Follow{}, Waited: patience}
	addresses := o.Replicas
	if len(addresses) == 0 {
		return found, nil
	}
	o.Replicas = nil
	var named bool
	var committed string
	err = ask(ctx, o, func(c sqldb.Conn) error {
		return c.Query(selectNamed, func(row []driver.Value) error {
			return sqldb.Scan(row, &named, &committed)
		})
	})
	if err != nil {
		return found, err
	}
	found.Unnamed = !named
	for _, address := range addresses {
		if found.Follow[address], err = follow(ctx, o, address, committed, patience); err != nil {
			_, cause, cut := strings.Cut(err.Error(), ": ") // the prefix names DB_HOST
			if !cut {
				cause = err.Error()
			}
			return found, fmt.Errorf("DB_REPLICA_HOSTS: %s: %s", address, cause)
		}
		if found.Unnamed {
			found.Follow[address] = takeover.KeepsUp // unknown
		}
	}
	return found, nil
}

// ask runs fn on a connection to the server.
func ask(ctx context.Context, o mysql.Options, fn func(sqldb.Conn) error) error {
	server, err := mysql.Open(ctx, o)
	if err != nil {
		return err
	}
	return sqldb.FirstError(server.Read(ctx, "ask how far a server is", fn), server.Close())
}

// lack is what a replica lacks.
type lack struct {
	named        bool
	lacking, all string // sets of GTIDs
}

// follow checks a replica until it has everything committed.
func follow(ctx context.Context, o mysql.Options, address, committed string, patience time.Duration) (how takeover.Follow, err error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return how, err
	}
	o.Host = host
	if o.Port, err = strconv.Atoi(port); err != nil {
		return how, err
	}
	server, err := mysql.Open(ctx, o)
	if err != nil {
		return how, err
	}
	var first, last lack
	limit := time.Now().Add(patience)
	for begun := false; !begun || last.lacking != ""; begun = true {
		if last, err = look(ctx, server, committed); err != nil {
			break
		}
		if !begun {
			first = last
		}
		if how = last.since(first); how == takeover.Unnamed || !time.Now().Before(limit) {
			break
		}
		if last.lacking != "" {
			rest(ctx, lookEvery)
		}
	}
	return how, sqldb.FirstError(err, ctx.Err(), server.Close())
}

func look(ctx context.Context, server *mysql.Engine, committed string) (l lack, err error) {
	err = server.Read(ctx, "ask how far a replica is", func(c sqldb.Conn) error {
		return c.Query(selectLacking, func(row []driver.Value) error {
			return sqldb.Scan(row, &l.named, &l.lacking, &l.all)
		}, committed, committed)
	})
	return l, err
}

// since returns the state of a replica that lacked something else before.
func (l lack) since(before lack) takeover.Follow {
	switch {
	case !l.named:
		return takeover.Unnamed
	case l.lacking == "":
		return takeover.KeepsUp
	case l.lacking == l.all:
		return takeover.Apart
	case l.lacking == before.lacking:
		return takeover.Stands
	}
	return takeover.Lags
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
