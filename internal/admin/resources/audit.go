package resources

import (
	"context"
	"fmt"
	"strings"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/admin/site/shown"
	"roster/internal/audit"
	"roster/internal/fault"
	"roster/internal/query"
)

// AuditEntries returns the resource of audit entries, at the URL of Django's log of
// its admin site.
func AuditEntries(trail *audit.Trail) site.Resource {
	return site.Resource{
		Model: access.Model{App: "admin", Name: "logentry"}, App: "Audit trail", One: "audit entry", Many: "audit entries", Short: "Audit", Icon: "audit",
		Source: auditSource{trail}, Ordering: "-at", Dates: "at",
		Search: "Search by actor, object, change, credential, address, request or reason",
		Columns: []site.Column{
			{Name: "at", Label: "When"},
			{Name: "actor", Label: "Who"},
			{Name: "action", Label: "Action"},
			{Name: "object_type", Label: "Kind"},
			{Name: "object_name", Label: "What"},
			{Name: "changes", Label: "Changes"},
			{Name: "door", Label: "Door", Optional: true},
			{Name: "credential", Label: "Credential", Optional: true},
			{Name: "address", Label: "Address", Optional: true},
			{Name: "request_id", Label: "Request", Optional: true},
			{Name: "reason", Label: "Reason", Optional: true},
			{Name: "id", Label: "Id", Optional: true},
		},
		Filters: []site.Filter{
			{Name: "action", Label: "Action"}, {Name: "object_type", Label: "Kind"}, {Name: "door", Label: "Door"}, {Name: "actor", Label: "Who"},
		},
		Tools:  []site.Tool{{Name: "verify", Label: "Verify the chain", Needs: access.ViewAudit, Run: verify(trail)}},
		Origin: site.Origin{Text: "Every change to a user, account, group, task or schedule is recorded here."},
		Fieldsets: []site.Fieldset{
			{Title: "What was done", Fields: readables([][2]string{
				{"action", "Action"}, {"object_type", "Kind"}, {"object_name", "What"}, {"object_id", "Its id"}, {"all_changes", "Changes"}, {"reason", "Reason"},
			})},
			{Title: "By whom", Fields: readables([][2]string{{"actor", "Who"}, {"at", "When"}, {"door", "Door"}, {"credential", "Credential"}, {"address", "Address"}, {"request_id", "Request"}})},
			{Title: "Seal", Fields: readables([][2]string{{"id", "Id"}, {"link", "Place in the chain"}, {"seal", "Seal"}})},
		},
	}
}

// readables returns read-only fields, given names and labels.
func readables(pairs [][2]string) (fields []site.Field) {
	for _, pair := range pairs {
		fields = append(fields, site.Field{Name: pair[0], Label: pair[1], ReadOnly: true})
	}
	return fields
}

// verify is the tool that verifies the whole chain.
func verify(trail *audit.Trail) func(context.Context, access.Actor) (site.Finding, error) {
	return func(ctx context.Context, actor access.Actor) (site.Finding, error) {
		found, err := trail.Verify(ctx, actor)
		if err != nil {
			return site.Finding{}, err
		}
		if len(found.Problems) > 0 {
			return site.Finding{Text: "The audit trail was modified.", Problems: found.Problems}, nil
		}
		return site.Finding{Good: true, Text: found.String()}, nil
	}
}

// auditSource is the site.Source of audit entries.
type auditSource struct{ trail *audit.Trail }

// List returns entries, always the newest first.
func (s auditSource) List(ctx context.Context, actor access.Actor, asked site.Query) (page site.Page, err error) {
	var faults fault.Fields
	search, messages := query.ParseSearch(asked.Search)
	if faults.Add("search", messages...); len(faults) > 0 {
		return page, faults.Err()
	}
	f := audit.Filter{
		Action: audit.Action(asked.Choices["action"]), ObjectType: asked.Choices["object_type"], Actor: asked.Choices["actor"], Door: access.Door(asked.Choices["door"]),
		From: asked.From, Before: asked.Before, Words: query.Words(search),
	}
	counts, err := s.trail.Count(ctx, actor, f)
	if err != nil {
		return page, err
	}
	if len(f.Words) > 0 {
		f.After, page.Since = counts.After, counts.Since
	}
	var rows []audit.Row
	if counts.Total > 0 || len(f.Words) == 0 {
		rows, err = s.trail.List(ctx, actor, f, asked.Offset, asked.Limit)
	}
	for i := range rows {
		page.Records = append(page.Records, entryRecord(&rows[i]))
	}
	more := counts.After > 0
	page.Total = site.Count{N: counts.Total, More: more}
	if n := asked.Offset + int64(len(rows)); len(rows) > 0 && more && n > counts.Total {
		page.Total.N = n
	}
	page.Facets = map[string]map[string]site.Count{}
	for field, by := range counts.By {
		page.Facets[string(field)] = facetOf(by, more)
	}
	return page, err
}

// facetOf returns the counts of the choices of a filter.
func facetOf(by map[string]int64, more bool) map[string]site.Count {
	total, counts := int64(0), map[string]site.Count{}
	for value, n := range by {
		total += n
		counts[value] = site.Count{N: n, More: more}
	}
	counts[""] = site.Count{N: total, More: more} // old entries have no door, and "" stands for all
	return counts
}

// Find returns one entry.
func (s auditSource) Find(ctx context.Context, actor access.Actor, id int64) (site.Record, error) {
	row, err := s.trail.Find(ctx, actor, id)
	if err != nil {
		return site.Record{}, err
	}
	return entryRecord(&row), nil
}

func entryRecord(r *audit.Row) site.Record {
	return site.Record{
		ID: r.ID, Name: fmt.Sprintf("Entry %d", r.ID),
		Values: map[string]any{
			"id": r.ID, "at": r.At, "actor": r.Actor, "action": string(r.Action),
			"object_type": r.Object.Type, "object_name": shown.Object{Kind: r.Object.Type, ID: r.Object.ID, Name: r.Object.Name}, "object_id": r.Object.ID,
			"changes": summaryOf(r.Changes), "all_changes": changesOf(r.Changes),
			"door": string(r.Origin.Door), "credential": r.Credential, "address": r.Origin.Address, "request_id": r.Origin.RequestID, "reason": r.Reason, "link": r.Link, "seal": r.Seal,
		},
	}
}

// changesOf formats the changed fields, one per line.
func changesOf(changes []audit.Change) string {
	lines := make([]string, len(changes))
	for i, c := range changes {
		lines[i] = fmt.Sprintf("%s: %s → %s", c.Field, valueOf(c.Old), valueOf(c.New))
	}
	return strings.Join(lines, "\n")
}

// maxSummary is the maximum number of changed fields in a list.
const maxSummary = 2

// summaryOf formats the first changed fields, one per line, and the number of
// others.
func summaryOf(changes []audit.Change) string {
	var lines []string
	for _, c := range changes[:min(len(changes), maxSummary)] {
		line := c.Field + ": "
		switch {
		case c.Old == nil:
			line += shortOf(c.New)
		case c.New == nil:
			line += shortOf(c.Old) + " → none"
		default:
			line += shortOf(c.Old) + " → " + shortOf(c.New)
		}
		lines = append(lines, line)
	}
	if more := len(changes) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// maxShort is the maximum length of a value in a list.
const maxShort = 32

// shortOf formats a value on one line and truncates it.
func shortOf(value any) string {
	text := strings.Join(strings.Fields(valueOf(value)), " ")
	if runes := []rune(text); len(runes) > maxShort {
		return string(runes[:maxShort]) + "…"
	}
	return text
}

func valueOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "none"
	case string:
		return "“" + v + "”"
	}
	return fmt.Sprint(value)
}
