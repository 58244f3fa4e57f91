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

	// maxHolders is how many accounts a page shows: those with a permission have
	// their groups looked up one by one.
	maxHolders = 50
)

// accountReasons is the page that says of each permission why an account holds it.
func accountReasons(accounts *auth.Accounts, groups *auth.Groups) site.Extra {
	return site.Extra{
		Name: "permissions", Label: "What may it do, and why?", Needs: access.Accounts.View(),
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
	permissions := make([]access.Permission, len(rows))
	for i, row := range rows {
		permissions[i] = row.Permission
	}
	why, err := accounts.ExplainAll(ctx, actor, id, permissions)
	return rows, why, err
}

func accountSheet(a *auth.Account, held auth.Holdings, rows []auth.PermissionRow, why []auth.Explanation) site.Sheet {
	holds := site.SheetTable{Title: "Holds", Heads: []string{"Permission", "From"}, None: "This account holds no permission."}
	lacks := site.SheetTable{Title: "Does not hold", Heads: []string{"Permission"}, None: "There is no permission that this account does not hold."}
	for i := range rows {
		if from := sources(why[i], held.Groups); len(from) > 0 {
			holds.Rows = append(holds.Rows, []site.Cell{permissionCell(&rows[i]), from})
		} else {
			lacks.Rows = append(lacks.Rows, []site.Cell{permissionCell(&rows[i])})
		}
	}
	text := "Each permission with where it comes from. A permission leads to everybody who holds it."
	if !a.IsActive {
		holds.Title = "Would hold if it were active"
		text = "This account is not active and holds nothing. " + text
	}
	return site.Sheet{Title: "What " + a.Username + " may do, and why", Text: text, Tables: []site.SheetTable{holds, lacks}}
}

// sources are the ways by which an account comes to a permission. known are the
// groups that have pages.
func sources(e auth.Explanation, known []auth.Group) (from site.Cell) {
	if e.Superuser {
		from = append(from, site.Piece{Text: "Superuser"})
	}
	if e.Own {
		from = append(from, site.Piece{Text: "Given to the account itself"})
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

// permissionCell names a permission, and leads to who holds it.
func permissionCell(row *auth.PermissionRow) site.Cell {
	return site.Cell{
		{Text: row.Name, URL: holdersPath + "?" + url.Values{"permission": {string(row.Permission)}}.Encode()},
		{Text: string(row.Permission), Quiet: true},
	}
}

// groupReasons is the page that says what a group gives, and to whom.
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
			gives := site.SheetTable{Title: "Gives", Heads: []string{"Permission"}, None: "This group gives no permission."}
			for i := range rows {
				if g.Has(rows[i].Permission) {
					gives.Rows = append(gives.Rows, []site.Cell{permissionCell(&rows[i])})
				}
			}
			sheet := site.Sheet{Title: "What the group " + g.Name + " gives, and to whom", Tables: []site.SheetTable{gives}}
			if !actor.Can(access.Accounts.View()) {
				sheet.Text = "You may not see who is in this group."
				return sheet, nil
			}
			members, err := membersOf(ctx, actor, accounts, ask, &sheet)
			sheet.Tables = append(sheet.Tables, members)
			return sheet, err
		},
	}
}

// membersOf returns the accounts of a group.
func membersOf(ctx context.Context, actor access.Actor, accounts *auth.Accounts, ask site.Ask, sheet *site.Sheet) (site.SheetTable, error) {
	table := site.SheetTable{Title: "To", Heads: []string{"Staff account", "Active"}, None: "Nobody is in this group."}
	offset := offsetOf(ask)
	found, total, err := accounts.List(ctx, actor, auth.AccountQuery{Group: ask.ID}, offset, maxHolders)
	for i := range found {
		table.Rows = append(table.Rows, []site.Cell{accountCell(&found[i]), {{Text: yesOrNo(found[i].IsActive)}}})
	}
	sheet.Next = nextOf(ask, offset, total)
	return table, err
}

// holders is the page that says who holds a permission, and which there are.
func holders(accounts *auth.Accounts, groups *auth.Groups) site.Extra {
	return site.Extra{
		Name: "holders", Label: "Who may do what?", Needs: access.Accounts.View(), Whole: true,
		Show: func(ctx context.Context, actor access.Actor, ask site.Ask) (site.Sheet, error) {
			rows, err := groups.ListPermissions(ctx, actor)
			if err != nil {
				return site.Sheet{}, err
			}
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
	table := site.SheetTable{Title: "Permissions", Heads: []string{"Permission"}, None: "There are none."}
	for i := range rows {
		table.Rows = append(table.Rows, []site.Cell{permissionCell(&rows[i])})
	}
	return site.Sheet{Title: "Who may do what?", Text: "Choose a permission to see who holds it.", Tables: []site.SheetTable{table}}
}

func holdersSheet(ctx context.Context, actor access.Actor, accounts *auth.Accounts, row *auth.PermissionRow, ask site.Ask) (site.Sheet, error) {
	offset := offsetOf(ask)
	found, total, err := accounts.Holders(ctx, actor, row.Permission, offset, maxHolders)
	table := site.SheetTable{Title: "Staff accounts", Heads: []string{"Staff account", "From"}, None: "Nobody holds this permission."}
	for i := range found {
		from := sources(found[i].Why, nil)
		if found[i].Why.Inactive {
			from = append(from, site.Piece{Text: "Not active, so it holds nothing", Quiet: true})
		}
		table.Rows = append(table.Rows, []site.Cell{accountCell(&found[i].Account), from})
	}
	text := fmt.Sprintf("%s (%s). Accounts found: %d.", row.Name, row.Permission, total)
	return site.Sheet{Title: "Who holds this permission?", Text: text, Tables: []site.SheetTable{table}, Next: nextOf(ask, offset, total)}, err
}

// accountCell names an account, and leads to why it may do what it may.
func accountCell(a *auth.Account) site.Cell {
	return site.Cell{{Text: a.Username, URL: accountsPath + strconv.FormatInt(a.ID, 10) + "/permissions/"}}
}

// offsetOf is how many accounts a page leaves out; what is no number is none.
func offsetOf(ask site.Ask) int64 {
	n, err := strconv.ParseInt(ask.Query.Get("after"), 10, 32)
	if err != nil {
		return 0
	}
	return max(n, 0)
}

// nextOf is the address of the page that follows, "" for none.
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
