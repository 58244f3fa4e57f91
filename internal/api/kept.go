package api

import (
	"sync"
	"sync/atomic"

	"roster/internal/httpkit"
	"roster/internal/query"
	"roster/internal/user"
)

// maxKept limits the cached pages of all users, maxKeptFound those of queries, in
// bytes. The limits are separate, so that many different queries do not evict the
// pages of all users.
const (
	maxKept      = 16 << 20
	maxKeptFound = 8 << 20
)

// pageKey identifies a page of the list.
type pageKey struct {
	query  user.Query
	number int64 // or query.LastPage
	size   int   // rows on a page, 0 for the usual
}

// found reports whether the page belongs to foundPages.
func (k pageKey) found() bool { return k.query != (user.Query{}) || k.size != 0 }

// keptPage is a cached page of the list as JSON, with the data for its links. It is
// immutable.
type keptPage struct {
	query.Page

	results []byte                 // a JSON array
	pack    func() *httpkit.Packed // compresses the results on first use
}

func newKeptPage(page query.Page, results []byte) keptPage {
	return keptPage{page, results, sync.OnceValue(func() *httpkit.Packed { return httpkit.Pack(results) })}
}

// size returns about how many bytes the page takes in memory; compressed, the results
// are a quarter of their length at most.
func (p keptPage) size() int { return cap(p.results) + len(p.results)/4 }

// keptPages caches pages of the list until the next commit. All pages belong to one
// version of the storage; the first page of a newer version evicts them. Single
// users are not cached, because reading one costs as much as reading the version.
// The zero value is ready to use. It is safe for concurrent use.
type keptPages struct {
	newest atomic.Pointer[pagesOfVersion]
}

type pagesOfVersion struct {
	version  uint64
	bytes    atomic.Int64
	byNumber sync.Map // keptPage of all users by its number, or query.LastPage
	found    foundPages
}

// find returns the page cached at a version.
func (k *keptPages) find(version uint64, key pageKey) (keptPage, bool) {
	pages := k.newest.Load()
	if pages == nil || pages.version != version {
		return keptPage{}, false
	}
	if key.found() {
		return pages.found.find(key)
	}
	found, _ := pages.byNumber.Load(key.number)
	page, ok := found.(keptPage)
	return page, ok
}

// keep caches a page read at a version. It does nothing if there is no room, or if
// the version is not the newest.
func (k *keptPages) keep(version uint64, key pageKey, page keptPage) {
	pages := k.of(version)
	switch {
	case pages == nil:
	case key.found():
		pages.found.keep(key, page)
	case pages.bytes.Add(int64(page.size())) <= maxKept:
		pages.byNumber.Store(key.number, page)
	}
}

func (k *keptPages) of(version uint64) *pagesOfVersion {
	for {
		pages := k.newest.Load()
		switch {
		case pages != nil && pages.version == version:
			return pages
		case pages != nil && pages.version > version:
			return nil
		}
		if fresh := (&pagesOfVersion{version: version}); k.newest.CompareAndSwap(pages, fresh) {
			return fresh
		}
	}
}

// foundPages caches the pages of queries. When it is full it is cleared. The zero
// value is ready to use.
type foundPages struct {
	mu    sync.Mutex
	bytes int
	byKey map[pageKey]keptPage
}

func (f *foundPages) find(key pageKey) (keptPage, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	page, ok := f.byKey[key]
	return page, ok
}

func (f *foundPages) keep(key pageKey, page keptPage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	size := page.size() + len(key.query.Search) + len(key.query.Filter) + len(key.query.Order)
	if size > maxKeptFound {
		return
	}
	if f.byKey == nil || f.bytes+size > maxKeptFound {
		f.byKey, f.bytes = map[pageKey]keptPage{}, 0
	}
	f.byKey[key] = page
	f.bytes += size
}
