package takeover

import (
	"fmt"
	"math"
	"strings"

	"roster/internal/finding"
)

// nearlyUsed is the percentage of used ids from which a table is running out of
// them.
const nearlyUsed = 80

// judgeIDs checks how many ids are left in each table.
func (r *Report) judgeIDs(d Database) {
	for _, name := range sortedKeys(d.Tables) {
		table := d.Tables[name]
		id, ok := table.column("id")
		if !ok || strings.HasPrefix(name, "roster_") || !isInteger(id.Type) {
			continue
		}
		most := highest(id.Type)
		percent := float64(table.LastID) / float64(most) * 100
		if percent < nearlyUsed {
			continue
		}
		f := finding.Finding{
			ID: "ids.nearly-used", Severity: finding.Warning, Title: name + ".id: the ids are running out", Count: table.LastID,
			Detail: fmt.Sprintf("The last id is %d of %d (%s), %.1f %% of all.", table.LastID, most, id.Type, percent),
			Remedy: "ALTER TABLE … MODIFY id BIGINT NOT NULL AUTO_INCREMENT, with DEFAULT_AUTO_FIELD = BigAutoField in Django; columns that refer to it too.",
		}
		if table.LastID >= most {
			f.ID, f.Severity, f.Title = "ids.used-up", finding.Error, name+".id: no ids are left"
		}
		r.add(f)
	}
}

// bits are the sizes of the integer types. SQLite stores every integer in 64
// bits.
var bits = map[string]int{"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64, "integer": 64}

func isInteger(columnType string) bool {
	_, ok := bits[baseType(columnType)]
	return ok
}

// isNumber reports whether a type holds integers and booleans.
func isNumber(columnType string) bool {
	switch baseType(columnType) {
	case "bit", "bool", "boolean", "decimal", "numeric":
		return true
	}
	return isInteger(columnType)
}

// highest returns the maximum of an integer type, limited to that of int64.
func highest(columnType string) int64 {
	n := bits[baseType(columnType)] - 1
	if strings.Contains(strings.ToLower(columnType), "unsigned") {
		n++
	}
	if n >= 63 {
		return math.MaxInt64
	}
	return 1<<n - 1
}

// plainType returns a column type without the display width of integers, which
// MySQL showed before 8.0.19.
func plainType(columnType string) string {
	columnType = strings.ToLower(columnType)
	switch {
	case !isInteger(columnType):
		return columnType
	case strings.Contains(columnType, "unsigned"):
		return baseType(columnType) + " unsigned"
	}
	return baseType(columnType)
}

// baseType returns the type without its parameters: int(11) unsigned is int.
func baseType(columnType string) string {
	name, _, _ := strings.Cut(strings.ToLower(columnType), "(")
	name, _, _ = strings.Cut(name, " ")
	return name
}
