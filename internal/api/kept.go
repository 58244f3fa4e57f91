package api

import (
	"sync"
	"sync/atomic"

	"roster/internal/user"
)

// maxKept bounds how many bytes of pages are kept.
const maxKept = 16 << 20

// keptPage is a page of the list as JSON, with what its links need. It is
// never changed.
type keptPage struct {
	user.Page // without its Users

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
	byNumber sync.Map // keptPage by its number, or user.LastPage
}

// find returns the page kept for that version.
func (k *keptPages) find(version uint64, number int64) (keptPage, bool) {
	pages := k.newest.Load()
	if pages == nil || pages.version != version {
		return keptPage{}, false
	}
	found, _ := pages.byNumber.Load(number)
	page, ok := found.(keptPage)
	return page, ok
}

// keep stores what was read at that version. When there is no more room, or
// the version is not the newest, it does nothing.
func (k *keptPages) keep(version uint64, number int64, page keptPage) {
	pages := k.of(version)
	if pages != nil && pages.bytes.Add(int64(cap(page.results))) <= maxKept {
		pages.byNumber.Store(number, page)
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
