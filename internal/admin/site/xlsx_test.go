package site_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"roster/internal/admin/site"
	"roster/internal/user"
)

// sheet returns the rows of an export as XLSX, the names of the columns first.
func (f *fixture) sheet(query string) [][]string {
	f.t.Helper()
	w := f.get("/admin/users/tuser/export/xlsx/" + query)
	h := w.Header()
	if w.Code != http.StatusOK || !strings.HasPrefix(h.Get("Content-Type"), "application/vnd.openxmlformats-") || h.Get("Content-Encoding") != "" ||
		h.Get("Content-Disposition") != `attachment; filename="tuser-20261123-120000.xlsx"` {
		f.t.Fatalf("%s: got %d, %v", query, w.Code, h)
	}
	book, err := excelize.OpenReader(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	rows, err := book.GetRows("Sheet1")
	if err != nil {
		f.t.Fatal(err)
	}
	return rows
}

// An XLSX file has what the CSV file has: the selected records in the order of the
// list, the columns that it shows, and no text that a spreadsheet reads as a formula.
func TestExport_XLSX(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	f := newFixture(t)
	f.insert(60)
	err := f.store.InTx(t.Context(), func(tx user.Tx) error {
		_, err := tx.InsertUser(user.User{Username: "=HYPERLINK(1)", Email: "+1@example.com", CreatedAt: now, UpdatedAt: now})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"?q=user5&o=-1&is_active__exact=0&cols=is_active&cols=created_at": "username,is_active,created_at user57,FALSE,2026-11-20T12:00:00Z user54,FALSE,2026-11-17T12:00:00Z user51,FALSE,2026-11-14T12:00:00Z",
		"?q=HYPERLINK&cols=email&cols=id&cols=first_name":                 "username,email,first_name,id '=HYPERLINK(1),'+1@example.com,,61",
		"?q=missing&cols=email":                                           "username,email",
	} {
		var lines []string
		for _, row := range f.sheet(query) {
			lines = append(lines, strings.Join(row, ","))
		}
		if got := strings.Join(lines, " "); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	if n := len(f.sheet("")); n != 62 {
		t.Errorf("everybody: got %d rows, want 62", n)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("files that remain: %v, %v", left, err)
	}
}

// A text that a cell cannot hold is cut, and says so. It is counted as Excel counts.
func TestExport_XLSXLongText(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.insert(2)
	const most = excelize.TotalCellChars
	for id, length := range map[int64]int{1: most, 2: most + 1} {
		wantSent(t, f.post(fmt.Sprintf("/admin/users/tuser/%d/change/", id),
			with(formOf(t, f.page(fmt.Sprintf("/admin/users/tuser/%d/change/", id))), "address", strings.Repeat("ä", length))), "/admin/users/tuser/")
	}
	rows := f.sheet("?cols=address&o=-1")
	if whole, cut := rows[2][1], rows[1][1]; whole != strings.Repeat("ä", most) || !strings.HasSuffix(cut, "ä … (cut)") || len([]rune(cut)) != most {
		t.Errorf("got %d and %d characters", len([]rune(whole)), len([]rune(cut)))
	}
}

// Records that do not fit into a sheet are in another one, with the header.
func TestExport_XLSXSheets(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if err := site.WriteXLSX(&file, 3, 5); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	got := ""
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		got += fmt.Sprint(sheet, rows)
	}
	if want := "Sheet1[[id] [1] [2]]Sheet2[[id] [3] [4]]Sheet3[[id] [5]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
