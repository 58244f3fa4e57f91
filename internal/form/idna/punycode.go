package idna

import (
	"math"
	"strings"
	"unicode/utf8"
)

// The parameters of Punycode, RFC 3492, section 5.
const (
	punyBase        = 36
	punyTMin        = 1
	punyTMax        = 26
	punySkew        = 38
	punyDamp        = 700
	punyInitialBias = 72
	punyInitialN    = utf8.RuneSelf
)

// punycode encodes a label by RFC 3492. Unlike the encoder of x/net/idna, it
// treats a dot produced by normalization as an ordinary character. It takes
// time proportional to the square of the length, and overflows on labels of
// more than a thousand code points if int has 32 bits.
func punycode(label []rune) string {
	var b strings.Builder
	for _, r := range label {
		if r < utf8.RuneSelf {
			b.WriteByte(byte(r)) //nolint:gosec // below RuneSelf
		}
	}
	basic := b.Len()
	if basic > 0 {
		b.WriteByte('-')
	}
	bias, delta, done := punyInitialBias, 0, basic
	for n := rune(punyInitialN); done < len(label); n++ {
		next := nextRune(label, n)
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range label {
			if r < n {
				delta++
			}
			if r == n {
				writePunyInteger(&b, delta, bias)
				bias = adaptBias(delta, done+1, done == basic)
				delta = 0
				done++
			}
		}
		delta++
	}
	return b.String()
}

// nextRune returns the smallest code point of the label that is at least n.
func nextRune(label []rune, n rune) rune {
	least := rune(math.MaxInt32)
	for _, r := range label {
		if r >= n {
			least = min(least, r)
		}
	}
	return least
}

// writePunyInteger writes a variable-length integer of RFC 3492, section 3.3.
func writePunyInteger(b *strings.Builder, q, bias int) {
	for k := punyBase; ; k += punyBase {
		t := min(max(k-bias, punyTMin), punyTMax)
		if q < t {
			b.WriteByte(punyDigit(q))
			return
		}
		b.WriteByte(punyDigit(t + (q-t)%(punyBase-t)))
		q = (q - t) / (punyBase - t)
	}
}

func punyDigit(d int) byte { return "abcdefghijklmnopqrstuvwxyz0123456789"[d] }

// adaptBias is the function of RFC 3492, section 3.4.
func adaptBias(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for delta > (punyBase-punyTMin)*punyTMax/2 {
		delta /= punyBase - punyTMin
		k += punyBase
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}
