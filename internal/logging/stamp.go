package logging

import "time"

// stamp puts the time before encoded records. It formats the date once a
// second. It is not safe for concurrent use.
type stamp struct {
	before, after string // around the time
	skip          int    // bytes of the record that before replaces
	second        int64
	date          []byte // of that second
}

func newStamp(format string) stamp {
	s := stamp{before: "time=", after: " ", second: -1}
	if format == FormatJSON {
		s.before, s.after, s.skip = `{"time":"`, `",`, len("{")
	}
	return s
}

// append appends the record with the present time, as RFC 3339 has it, in UTC
// with six decimals.
func (s *stamp) append(dst, record []byte) []byte {
	now := time.Now()
	if second := now.Unix(); second != s.second {
		s.second, s.date = second, now.UTC().AppendFormat(s.date[:0], "2006-01-02T15:04:05.")
	}
	dst = append(dst, s.before...)
	dst = append(dst, s.date...)
	micros := now.Nanosecond() / 1000
	for unit := 100_000; unit > 0; unit /= 10 {
		dst = append(dst, byte('0'+micros/unit%10))
	}
	dst = append(dst, 'Z')
	dst = append(dst, s.after...)
	return append(dst, record[s.skip:]...)
}
