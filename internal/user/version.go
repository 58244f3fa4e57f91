package user

import (
	"strconv"
	"time"

	"roster/internal/form"
)

// Version returns the version of a user, which changes with every change of any
// field, by any program: updated_at may have the precision of a second, and
// other programs may leave it alone. It contains letters, digits and a hyphen.
func (u *User) Version() string {
	h := fnv64(offset64)
	for i := range table {
		switch at := table[i].At(u).(type) {
		case *int64:
			h = h.number(*at)
		case *string:
			h = h.text(*at)
		case *form.Text:
			h = h.flag(at.Valid).text(at.String)
		case *bool:
			h = h.flag(*at)
		case *time.Time:
			h = h.number(at.UnixMicro())
		}
	}
	h = h.text(u.Unreadable.String())
	b := strconv.AppendInt(make([]byte, 0, 32), u.UpdatedAt.UnixMicro(), 36)
	return string(strconv.AppendUint(append(b, '-'), uint64(h), 36))
}

// fnv64 is a hash by FNV-1a, without the allocations of package hash.
type fnv64 uint64

const (
	offset64 = 14695981039346656037
	prime64  = 1099511628211
)

func (h fnv64) byte(b byte) fnv64 { return (h ^ fnv64(b)) * prime64 }

// text adds a text and an end that no UTF-8 contains.
func (h fnv64) text(s string) fnv64 {
	for i := range len(s) {
		h = h.byte(s[i])
	}
	return h.byte(0xFF)
}

func (h fnv64) number(n int64) fnv64 {
	for shift := 0; shift < 64; shift += 8 {
		h = h.byte(byte(n >> shift)) //nolint:gosec // one byte after the other
	}
	return h
}

func (h fnv64) flag(b bool) fnv64 {
	if b {
		return h.byte(1)
	}
	return h.byte(0)
}
