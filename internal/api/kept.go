package api

import (
	"sync"
	"sync/atomic"

	"roster/internal/query"
	"roster/internal/user"
)

// maxKept bounds how many bytes of pages of all users are kept, and
// maxKeptFound of pages that queries found: those that vary their queries
// cannot crowd out the others.
const (
	maxKept      = 16 << 20
	maxKeptFound = 8 << 20
)

// pageKey says which page of the list is meant.
type pageKey struct {
	query  user.Query
	number int64 // or query.LastPage
}

// keptPage is a page of the list as JSON, with what its links need. It is
// never changed.
type keptPage struct {
	query.Page

	results []byte // a JSON list
}

// keptPages keeps pages of the list as long as nothing is committed to the
// storage. All of them belong to one version of it; the first page of a newer
// version throws the older ones away. A single user is not kept: reading it
// costs no more than learning the version. The zero value is ready to use. It
// is safe for concurrent use.
type keptPages struct {
	newest atomic.Pointer[pagesOfVersion]
}

type pagesOfVersion struct {
	version  uint64
	bytes    atomic.Int64
	byNumber sync.Map // keptPage of all users by its number, or query.LastPage
	found    foundPages
}

// find returns the page kept for that version.
func (k *keptPages) find(version uint64, key pageKey) (keptPage, bool) {
	pages := k.newest.Load()
	if pages == nil || pages.version != version {
		return keptPage{}, false
	}
	if key.query != (user.Query{}) {
		return pages.found.find(key)
	}
	found, _ := pages.byNumber.Load(key.number)
	page, ok := found.(keptPage)
	return page, ok
}

// keep stores what was read at that version. When there is no more room, or
// the version is not the newest, it does nothing.
func (k *keptPages) keep(version uint64, key pageKey, page keptPage) {
	pages := k.of(version)
	switch {
	case pages == nil:
	case key.query != (user.Query{}):
		pages.found.keep(key, page)
	case pages.bytes.Add(int64(cap(page.results))) <= maxKept:
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

// foundPages keeps the pages that queries found. When there is no more room it
// begins anew. The zero value is ready to use.
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
	size := cap(page.results) + len(key.query.Search) + len(key.query.Order)
	if size > maxKeptFound {
		return
	}
	if f.byKey == nil || f.bytes+size > maxKeptFound {
		f.byKey, f.bytes = map[pageKey]keptPage{}, 0
	}
	f.byKey[key] = page
	f.bytes += size
}
