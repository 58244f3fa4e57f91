package api

import (
	"sync"
	"sync/atomic"

	"roster/internal/user"
)

// maxAnswers bounds how many answers are kept, maxAnswerBytes what they hold.
const (
	maxAnswers     = 1 << 16
	maxAnswerBytes = 16 << 20
)

// answers keeps rendered answers as long as nothing is committed to the
// storage. All of them belong to one version of it; the first answer of a
// newer version throws the older ones away. The zero value is ready to use.
// It is safe for concurrent use.
type answers struct {
	kept atomic.Pointer[generation]
}

// answerKey names an answer: a user's by id, a page of the list by its number
// (user.LastPage for the last), the number of active users.
type answerKey struct {
	kind answerKind
	n    int64
}

type answerKind uint8

const (
	answerUser answerKind = iota
	answerPage
	answerActive
)

// answer is what is kept: JSON, and for a page what its links need. It is
// never changed once kept.
type answer struct {
	json []byte
	page user.Page // without its users
}

type generation struct {
	version uint64
	count   atomic.Int64
	bytes   atomic.Int64
	byKey   sync.Map
}

// find returns the answer kept for that version.
func (a *answers) find(version uint64, key answerKey) (answer, bool) {
	g := a.kept.Load()
	if g == nil || g.version != version {
		return answer{}, false
	}
	kept, ok := g.byKey.Load(key)
	if !ok {
		return answer{}, false
	}
	found, ok := kept.(answer)
	return found, ok
}

// keep stores what was read at that version. When there is no more room, or
// the version is not the newest, it does nothing.
func (a *answers) keep(version uint64, key answerKey, value answer) {
	g := a.generationFor(version)
	if g == nil {
		return
	}
	size := int64(len(value.json))
	if g.count.Add(1) > maxAnswers || g.bytes.Add(size) > maxAnswerBytes {
		return
	}
	g.byKey.Store(key, value)
}

func (a *answers) generationFor(version uint64) *generation {
	for {
		g := a.kept.Load()
		switch {
		case g != nil && g.version == version:
			return g
		case g != nil && g.version > version:
			return nil
		}
		if fresh := (&generation{version: version}); a.kept.CompareAndSwap(g, fresh) {
			return fresh
		}
	}
}
