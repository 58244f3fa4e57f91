package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/audit"
	"roster/internal/phrase"
	"roster/internal/server"
)

type auditCommand struct {
	Verify auditVerifyCommand `cmd:"" help:"Detect altered or missing audit entries."`
	Reseal auditResealCommand `cmd:"" help:"Verify the audit trail and seal it again with the present SECRET_KEY, so that it no longer needs older keys."`
	Export auditExportCommand `cmd:"" help:"Write the audit trail to a file or to standard output."`
}

type auditVerifyCommand struct{}

// Run verifies the whole chain; it fails if it finds a problem.
func (*auditVerifyCommand) Run(ctx context.Context, env *environment) error {
	return withTrail(ctx, env, func(trail *audit.Trail) error {
		found, err := trail.Verify(ctx, cliActor())
		if err != nil {
			return err
		}
		for _, problem := range found.Problems {
			fmt.Fprintln(env.Out, problem)
		}
		if len(found.Problems) > 0 {
			return errors.New("the audit trail was altered")
		}
		_, err = fmt.Fprintln(env.Out, found)
		return err
	})
}

type auditResealCommand struct{}

// Run replaces all seals; it fails, and changes nothing, if the chain was
// altered.
func (*auditResealCommand) Run(ctx context.Context, env *environment) error {
	return withTrail(ctx, env, func(trail *audit.Trail) error {
		n, err := trail.Reseal(ctx, cliActor())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Out, "%s sealed with the present SECRET_KEY; the audit trail no longer needs SECRET_KEY_FALLBACKS\n", phrase.Count(n, "entry"))
		return err
	})
}

type auditExportCommand struct {
	Format string `enum:"csv,jsonl" default:"csv" help:"csv or jsonl (${default}). jsonl has one JSON object per line." placeholder:"FORMAT"`
	File   string `arg:"" optional:"" help:"File to create, which must not exist; defaults to standard output."`
}

// Run exports all entries, oldest first.
func (c *auditExportCommand) Run(ctx context.Context, env *environment) error {
	return withTrail(ctx, env, func(trail *audit.Trail) (err error) {
		out := env.Out
		if c.File != "" {
			file, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return fmt.Errorf("cannot write %s: %w", c.File, reasonOf(err))
			}
			defer func() { err = errors.Join(err, file.Close()) }()
			out = file
		}
		write := writeJSONLine
		if c.Format == "csv" {
			write = newCSVWriter(out)
		}
		return trail.Each(ctx, cliActor(), func(r *audit.Row) error { return write(out, r) })
	})
}

// withTrail runs fn with the audit trail of the configured database.
func withTrail(ctx context.Context, env *environment, fn func(*audit.Trail) error) error {
	return env.withServices(ctx, func(s *server.Services) error {
		trail, err := s.Trail()
		if err != nil {
			return err
		}
		return fn(trail)
	})
}

// auditColumns are the columns of an export.
var auditColumns = []string{
	"id", "at", "actor_id", "actor", "action", "object_type", "object_id", "object_name", "changes", "door", "credential", "address", "request_id", "reason", "link", "seal",
}

// newCSVWriter writes the column names and returns a function that writes
// entries as specified in RFC 4180. User-supplied texts are escaped so that
// spreadsheets do not evaluate them as formulas; the other format leaves them
// unchanged.
func newCSVWriter(out io.Writer) func(io.Writer, *audit.Row) error {
	w := csv.NewWriter(out)
	err := w.Write(auditColumns)
	w.Flush()
	return func(_ io.Writer, r *audit.Row) error {
		if err != nil {
			return err
		}
		number := func(n int64) string { return strconv.FormatInt(n, 10) }
		err = w.Write([]string{
			number(r.ID), r.At.Format(time.RFC3339Nano), number(r.ActorID), site.NoFormula(r.Actor), string(r.Action), r.Object.Type, number(r.Object.ID),
			site.NoFormula(r.Object.Name), r.ChangesText, string(r.Origin.Door), site.NoFormula(r.Credential), r.Origin.Address, r.Origin.RequestID, site.NoFormula(r.Reason), number(r.Link), r.Seal,
		})
		w.Flush()
		return errors.Join(err, w.Error())
	}
}

// auditLine is an entry as JSON.
type auditLine struct {
	ID         int64        `json:"id"`
	At         time.Time    `json:"at"`
	ActorID    int64        `json:"actor_id"`
	Actor      string       `json:"actor"`
	Action     audit.Action `json:"action"`
	ObjectType string       `json:"object_type"`
	ObjectID   int64        `json:"object_id"`
	ObjectName string       `json:"object_name"`
	Changes    any          `json:"changes"` // JSON
	Door       access.Door  `json:"door"`
	Credential string       `json:"credential"`
	Address    string       `json:"address"`
	RequestID  string       `json:"request_id"`
	Reason     string       `json:"reason"`
	Link       int64        `json:"link"`
	Seal       string       `json:"seal"`
}

func writeJSONLine(out io.Writer, r *audit.Row) error {
	var changes any = json.RawMessage(r.ChangesText)
	if !json.Valid([]byte(r.ChangesText)) {
		changes = r.ChangesText // altered: shown as plain text
	}
	return json.NewEncoder(out).Encode(auditLine{
		r.ID, r.At, r.ActorID, r.Actor, r.Action, r.Object.Type, r.Object.ID, r.Object.Name,
		changes, r.Origin.Door, r.Credential, r.Origin.Address, r.Origin.RequestID, r.Reason, r.Link, r.Seal,
	})
}
