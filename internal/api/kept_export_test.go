package api

import "roster/internal/user"

// KeptPages are the pages that are kept.
type KeptPages struct{ pages keptPages }

// Keep keeps the JSON of a page.
func (k *KeptPages) Keep(version uint64, q user.Query, number int64, results []byte) {
	k.pages.keep(version, pageKey{query: q, number: number}, keptPage{results: results})
}

// Has reports whether the page is kept.
func (k *KeptPages) Has(version uint64, q user.Query, number int64) bool {
	_, ok := k.pages.find(version, pageKey{query: q, number: number})
	return ok
}

// FoundBytes returns how many bytes of queries and the pages that they found are kept.
func (k *KeptPages) FoundBytes() (n int) {
	for key, page := range k.pages.newest.Load().found.byKey {
		n += cap(page.results) + len(key.query.Search+key.query.Filter+key.query.Order)
	}
	return n
}
