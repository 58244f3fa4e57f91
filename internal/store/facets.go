package store

// facetRow is some rows of a list with the same values of the fields that it is
// filtered by.
type facetRow struct {
	id     int64 // of the row, if it is one
	n      int64 // number of rows
	values []string
}

// facets counts rows by each field, as if that field itself were not filtered.
// chosen has the required value of each field, "" for any. It returns the rows
// that have all of them.
func facets(rows []facetRow, chosen []string) (counts []map[string]int64, fit []facetRow) {
	counts = make([]map[string]int64, len(chosen))
	for i := range counts {
		counts[i] = map[string]int64{}
	}
	for _, r := range rows {
		differ, last := 0, 0
		for i, value := range r.values {
			if chosen[i] != "" && chosen[i] != value {
				differ, last = differ+1, i
			}
		}
		switch differ {
		case 0:
			fit = append(fit, r)
			for i, value := range r.values {
				counts[i][value] += r.n
			}
		case 1:
			counts[last][r.values[last]] += r.n
		}
	}
	return counts, fit
}
