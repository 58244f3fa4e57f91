package resources

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"roster/internal/access"
	"roster/internal/admin/site"
	"roster/internal/auth"
	"roster/internal/fault"
)

const (
	accountsPath = "/admin/auth/user/"
	groupsPath   = "/admin/auth/group/"
	holdersPath  = accountsPath + "holders/"

	// maxHolders is the number of accounts on a page. The groups of each are looked
	// up one by one.
	maxHolders = 50
)

// accountReasons is the page that explains the permissions of an account.
func accountReasons(accounts *auth.Accounts, groups *auth.Groups) site.Extra {
	return site.Extra{
		Name: "permissions", Label: "Effective permissions", Needs: access.Accounts.View(),
		Show: func(ctx context.Context, actor access.Actor, ask site.Ask) (site.Sheet, error) {
			a, held, err := accounts.Find(ctx, actor, ask.ID)
			if err != nil {
				return site.Sheet{}, err
			}
			rows, why, err := explainAll(ctx, actor, accounts, groups, ask.ID)
			if err != nil {
				return site.Sheet{}, err
			}
			return accountSheet(&a, held, rows, why), nil
		},
	}
}

func explainAll(ctx context.Context, actor access.Actor, accounts *auth.Accounts, groups *auth.Groups, id int64) ([]auth.PermissionRow, []auth.Explanation, error) {
	rows, err := groups.ListPermissions(ctx, actor)
	if err != nil {
		return nil, nil, err
	}
	sortRows(rows)
	permissions := make([]access.Permission, len(rows))
	for i, row := range rows {
		permissions[i] = row.Permission
	}
	why, err := accounts.ExplainAll(ctx, actor, id, permissions)
	return rows, why, err
}

func accountSheet(a *auth.Account, held auth.Holdings, rows []auth.PermissionRow, why []auth.Explanation) site.Sheet {
	holds := site.SheetTable{Title: "Can do", Heads: []string{"Permission", "From"}, None: "This account has no permissions."}
	lacks := site.SheetTable{Title: "Cannot do", Heads: []string{"Permission"}, None: "This account has every permission."}
	for i := range rows {
		if from := sources(why[i], held.Groups); len(from) > 0 {
			holds.Rows = append(holds.Rows, []site.Cell{permissionCell(rows[i], rows), from})
		} else {
			lacks.Rows = append(lacks.Rows, []site.Cell{permissionCell(rows[i], rows)})
		}
	}
	text := "What the account can do in Roster, and why. Select a permission to see who has it."
	if !a.IsActive {
		holds.Title = "Could do if it were active"
		text = "This account is inactive and has no permissions. " + text
	}
	return site.Sheet{Title: "Effective permissions of " + a.Username, Text: text, Tables: []site.SheetTable{holds, lacks}}
}

// sources returns the sources of a permission of an account. known has the groups
// that can be linked.
func sources(e auth.Explanation, known []auth.Group) (from site.Cell) {
	if e.Superuser {
		from = append(from, site.Piece{Text: "Superuser"})
	}
	if e.Own {
		from = append(from, site.Piece{Text: "Granted to the account"})
	}
	for _, name := range e.Groups {
		piece := site.Piece{Text: "Group " + name}
		for _, g := range known {
			if g.Name == name {
				piece.URL = groupsPath + strconv.FormatInt(g.ID, 10) + "/permissions/"
			}
		}
		from = append(from, piece)
	}
	return from
}

// permissionCell names a permission and links to the accounts that have it.
func permissionCell(row auth.PermissionRow, rows []auth.PermissionRow) site.Cell {
	return site.Cell{
		{Text: plainName(row, rows), URL: holdersPath + "?" + url.Values{"permission": {string(row.Permission)}}.Encode()},
		{Text: string(row.Permission), Quiet: true},
	}
}

// groupReasons is the page with the permissions and members of a group.
func groupReasons(accounts *auth.Accounts, groups *auth.Groups) site.Extra {
	return site.Extra{
		Name: "permissions", Label: "Who gets what?", Needs: access.Groups.View(),
		Show: func(ctx context.Context, actor access.Actor, ask site.Ask) (site.Sheet, error) {
			g, err := groups.Find(ctx, actor, ask.ID)
			if err != nil {
				return site.Sheet{}, err
			}
			rows, err := groups.ListPermissions(ctx, actor)
			if err != nil {
				return site.Sheet{}, err
			}
			sortRows(rows)
			gives := site.SheetTable{Title: "Permissions", Heads: []string{"Permission"}, None: "This group has no permissions."}
			for i := range rows {
				if g.Has(rows[i].Permission) {
					gives.Rows = append(gives.Rows, []site.Cell{permissionCell(rows[i], rows)})
				}
			}
			sheet := site.Sheet{Title: "Permissions and members of " + g.Name, Tables: []site.SheetTable{gives}}
			if !actor.Can(access.Accounts.View()) {
				sheet.Text = "You do not have permission to view the members of this group."
				return sheet, nil
			}
			members, err := membersOf(ctx, actor, accounts, ask, &sheet)
			sheet.Tables = append(sheet.Tables, members)
			return sheet, err
		},
	}
}

// membersOf returns the members of a group.
func membersOf(ctx context.Context, actor access.Actor, accounts *auth.Accounts, ask site.Ask, sheet *site.Sheet) (site.SheetTable, error) {
	table := site.SheetTable{Title: "Members", Heads: []string{"Staff account", "Active"}, None: "This group has no members."}
	offset := offsetOf(ask)
	found, total, err := accounts.List(ctx, actor, auth.AccountQuery{Group: ask.ID}, offset, maxHolders)
	for i := range found {
		table.Rows = append(table.Rows, []site.Cell{accountCell(&found[i]), {{Text: yesOrNo(found[i].IsActive)}}})
	}
	sheet.Next = nextOf(ask, offset, total)
	return table, err
}

// holders is the page that lists the permissions, and the accounts that have one.
func holders(accounts *auth.Accounts, groups *auth.Groups) site.Extra {
	return site.Extra{
		Name: "holders", Label: "Who has which permission?", Needs: access.Accounts.View(), Whole: true,
		Show: func(ctx context.Context, actor access.Actor, ask site.Ask) (site.Sheet, error) {
			rows, err := groups.ListPermissions(ctx, actor)
			if err != nil {
				return site.Sheet{}, err
			}
			sortRows(rows)
			wanted := ask.Query.Get("permission")
			if wanted == "" {
				return permissionsSheet(rows), nil
			}
			for i := range rows {
				if string(rows[i].Permission) == wanted {
					return holdersSheet(ctx, actor, accounts, &rows[i], ask)
				}
			}
			return site.Sheet{}, fault.New(fault.NotFound, "Not found.")
		},
	}
}

func permissionsSheet(rows []auth.PermissionRow) site.Sheet {
	table := site.SheetTable{Title: "Permissions", Heads: []string{"Permission"}, None: "There are no permissions."}
	for i := range rows {
		table.Rows = append(table.Rows, []site.Cell{permissionCell(rows[i], rows)})
	}
	return site.Sheet{Title: "Who has which permission?", Text: "Select a permission to see who has it.", Tables: []site.SheetTable{table}}
}

func holdersSheet(ctx context.Context, actor access.Actor, accounts *auth.Accounts, row *auth.PermissionRow, ask site.Ask) (site.Sheet, error) {
	offset := offsetOf(ask)
	found, total, err := accounts.Holders(ctx, actor, row.Permission, offset, maxHolders)
	table := site.SheetTable{Title: "Staff accounts", Heads: []string{"Staff account", "From"}, None: "No account has this permission."}
	for i := range found {
		from := sources(found[i].Why, nil)
		if found[i].Why.Inactive {
			from = append(from, site.Piece{Text: "Inactive, so without effect", Quiet: true})
		}
		table.Rows = append(table.Rows, []site.Cell{accountCell(&found[i].Account), from})
	}
	text := fmt.Sprintf("%s (%s). Accounts found: %d.", plainName(*row, []auth.PermissionRow{*row}), row.Permission, total)
	return site.Sheet{Title: "Accounts with this permission", Text: text, Tables: []site.SheetTable{table}, Next: nextOf(ask, offset, total)}, err
}

// accountCell names an account and links to its effective permissions.
func accountCell(a *auth.Account) site.Cell {
	return site.Cell{{Text: a.Username, URL: accountsPath + strconv.FormatInt(a.ID, 10) + "/permissions/"}}
}

// offsetOf returns the offset of a page, 0 if it is not a number.
func offsetOf(ask site.Ask) int64 {
	n, err := strconv.ParseInt(ask.Query.Get("after"), 10, 32)
	if err != nil {
		return 0
	}
	return max(n, 0)
}

// nextOf returns the address of the next page, "" for none.
func nextOf(ask site.Ask, offset, total int64) string {
	if offset+maxHolders >= total {
		return ""
	}
	values := url.Values{"after": {strconv.FormatInt(offset+maxHolders, 10)}}
	if p := ask.Query.Get("permission"); p != "" {
		values.Set("permission", p)
	}
	return "?" + values.Encode()
}

func yesOrNo(is bool) string {
	if is {
		return "Yes"
	}
	return "No"
}
