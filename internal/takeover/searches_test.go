package takeover_test

import (
	"strings"
	"testing"

	"roster/internal/takeover"
)

const (
	missingBoth = "info searches.triggers: Triggers of the search index are missing (2) roster_search_insert; roster_search_update"
	lacksRight  = "warning mysql.trigger: The database user lacks the privilege TRIGGER (1) "
	noTrust     = "warning mysql.log_bin_trust_function_creators: log_bin_trust_function_creators is 0 (1) "
)

func TestSearches(t *testing.T) {
	t.Parallel()
	const may, mayNot = "GRANT TRIGGER ON `roster`.* TO `u`@`%`", "GRANT SELECT ON `roster`.* TO `u`@`%`"
	logged := map[string]string{"log_bin": "1", "log_bin_trust_function_creators": "0"}
	for name, c := range map[string]struct {
		engine   string
		grants   string
		settings map[string]string
		want     []string
	}{
		"SQLite":                {takeover.SQLite, "", nil, []string{missingBoth}},
		"may":                   {takeover.MySQL, may, nil, []string{missingBoth}},
		"may not":               {takeover.MySQL, mayNot, nil, []string{lacksRight, missingBoth}},
		"binary log":            {takeover.MySQL, may, logged, []string{noTrust, missingBoth}},
		"binary log, may not":   {takeover.MySQL, mayNot, logged, []string{lacksRight, noTrust, missingBoth}},
		"binary log, but trust": {takeover.MySQL, may, map[string]string{"log_bin": "1", "log_bin_trust_function_creators": "1"}, []string{missingBoth}},
		"binary log, but SUPER": {takeover.MySQL, "GRANT SELECT, SUPER, TRIGGER ON *.* TO `u`@`%`", logged, []string{missingBoth}},
		"trust, but no log":     {takeover.MySQL, may, map[string]string{"log_bin": "0", "log_bin_trust_function_creators": "0"}, []string{missingBoth}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := healthy()
			f.Engine, f.Name, f.Triggers, f.Grants, f.Settings = c.engine, "roster", nil, []string{c.grants}, c.settings
			wantLines(t, f, c.want...)
		})
	}
}

func TestSearches_One(t *testing.T) {
	t.Parallel()
	f := healthy()
	f.Triggers, f.Grants = []string{"other", "roster_search_insert"}, []string{"GRANT ALL PRIVILEGES ON *.* TO `u`@`%`"}
	wantLines(t, f, "info searches.triggers: Triggers of the search index are missing (1) roster_search_update")
	delete(f.Tables, "t_users")
	if found := takeover.JudgeSearches(f.Database); len(found) != 0 {
		t.Errorf("without a table: got %v, want nothing", found)
	}
}

func TestSearches_Grants(t *testing.T) {
	t.Parallel()
	for grants, want := range map[string]bool{
		"":                              false,
		"GRANT USAGE ON *.* TO `u`@`%`": false,
		"GRANT ALL PRIVILEGES ON `ros%`.* TO `u`@`%`":                                                      true,
		"GRANT ALL PRIVILEGES ON `ros\\%`.* TO `u`@`%`":                                                    false,
		"GRANT TRIGGER ON `ro_t_r`.* TO `u`@`%`":                                                           true,
		"GRANT TRIGGER ON `ro\\_t_r`.* TO `u`@`%`":                                                         false,
		"GRANT TRIGGER ON `other`.* TO `u`@`%`":                                                            false,
		"GRANT SELECT, TRIGGER ON `roster`.`t_users` TO `u`@`%`":                                           true,
		"GRANT TRIGGER ON `roster`.`auth_user` TO `u`@`%`":                                                 false,
		"GRANT `TRIGGER`@`%` TO `u`@`%`":                                                                   false,
		"GRANT SELECT, TRIGGER ON *.* TO `u`@`%`\nREVOKE TRIGGER ON `roster`.* FROM `u`@`%`":               false,
		"GRANT ALL PRIVILEGES ON *.* TO `u`@`%`\nREVOKE TRIGGER ON `roster`.* FROM `u`@`%`":                false,
		"GRANT SELECT, TRIGGER ON *.* TO `u`@`%`\nREVOKE TRIGGER ON `other`.* FROM `u`@`%`":                true,
		"GRANT SELECT ON *.* TO `u`@`%`\nGRANT INSERT, TRIGGER ON `roster`.* TO `u`@`%` WITH GRANT OPTION": true,
	} {
		f := healthy()
		f.Name, f.Triggers, f.Grants = "roster", nil, strings.Split(grants, "\n")
		may := true
		for _, found := range takeover.JudgeSearches(f.Database) {
			may = may && found.ID != "mysql.trigger"
		}
		if may != want {
			t.Errorf("%q: got %t, want %t", grants, may, want)
		}
	}
}

// FuzzSearches_Grants: whatever the server says of other databases gives no right.
func FuzzSearches_Grants(f *testing.F) {
	for _, seed := range []string{"GRANT TRIGGER ON `a\\_b%`.* TO `u`@`%`", "REVOKE x ON *.* FROM y", "GRANT ON TO", "GRANT TRIGGER ON `a``.*` TO "} {
		f.Add(seed, "database")
	}
	f.Fuzz(func(t *testing.T, grant, name string) {
		d := healthy().Database
		d.Name, d.Triggers, d.Grants = name, nil, []string{grant}
		lacks := false
		for _, found := range takeover.JudgeSearches(d) {
			lacks = lacks || found.ID == "mysql.trigger"
		}
		if !lacks && !strings.Contains(grant, "TRIGGER") && !strings.Contains(grant, "ALL PRIVILEGES") {
			t.Errorf("%q gives a right on %q that it does not name", grant, name)
		}
	})
}
