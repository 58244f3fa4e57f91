package admin_test

import (
	"fmt"
	"html"
	"image/color"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"

	"roster/internal/admin"
)

// modules reads the dark modules of a path, and fails on what is drawn twice
// or is not a row of whole ones.
func modules(t *testing.T, path string) map[[2]int]bool {
	t.Helper()
	dark := map[[2]int]bool{}
	for row := range strings.SplitSeq(strings.TrimSuffix(path, "z"), "z") {
		var x, y, there, back int
		if _, err := fmt.Sscanf(row, "M%d %dh%dv1h-%d", &x, &y, &there, &back); err != nil || there != back || there < 1 {
			t.Fatalf("got the row %q, %v", row, err)
		}
		for i := range there {
			at := [2]int{x + i, y}
			if dark[at] {
				t.Fatalf("%v is drawn twice", at)
			}
			dark[at] = true
		}
	}
	return dark
}

// TestDrawQR compares the path with the code, module by module.
func TestDrawQR(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"A", "otpauth://totp/Roster:ann?secret=ABC", strings.Repeat("ä", 600)} {
		code, err := qr.Encode(text, qr.M, qr.Unicode)
		if err != nil {
			t.Fatal(err)
		}
		side, path := admin.DrawQR(text)
		if want := code.Bounds().Dx() + 8; side != want {
			t.Errorf("%.20s: got a side of %d, want %d", text, side, want)
		}
		dark := modules(t, path)
		for y := range side {
			for x := range side {
				inside := x >= 4 && y >= 4 && x < side-4 && y < side-4
				if got, want := dark[[2]int{x, y}], inside && code.At(x-4, y-4) == color.Black; got != want {
					t.Fatalf("%.20s: module %d, %d: got dark %t, want %t", text, x, y, got, want)
				}
			}
		}
	}
}

func TestDrawQR_TooLong(t *testing.T) {
	t.Parallel()
	if side, path := admin.DrawQR(strings.Repeat("x", 5000)); side != 0 || path != "" {
		t.Errorf("got a side of %d and %d bytes, want none", side, len(path))
	}
}

var codeOnPage = regexp.MustCompile(`<svg class="qr" viewBox="0 0 (\d+) (\d+)" role="img" aria-label="[^"]+"[^>]*><path fill="#fff" d="[^"]+"/><path fill="#000" d="([^"]+)"/></svg>`)

// TestEnrol_QR shows that the page draws the link that it also has as text, and
// that the page is not cached.
func TestEnrol_QR(t *testing.T) {
	t.Parallel()
	b := newSite(t, false).browser(t)
	b.logIn()
	w := b.do("/admin/totp/", url.Values{"action": {"enrol"}})
	b.want(w, http.StatusOK, "Scan this code")
	page := html.UnescapeString(w.Body.String())
	found, link := codeOnPage.FindStringSubmatch(page), regexp.MustCompile(`otpauth://[^"]+`).FindString(page)
	if found == nil {
		t.Fatalf("the page has no code: %s", page)
	}
	if side, path := admin.DrawQR(link); found[1] != strconv.Itoa(side) || found[2] != found[1] || found[3] != path {
		t.Errorf("the code is not that of %q", link)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("got Cache-Control %q, want no-store", got)
	}
}
