package store_test

import (
	"os"
	"testing"
	"time"
	"fmt"
	"runtime"

	"roster/internal/store"
	"roster/internal/user"
)

func TestZZ(t *testing.T) {
	if os.Getenv("ZZ") == "" { return }
	s, err := store.Open(t.Context(), store.Options{Path: os.Getenv("ZZ")})
	if err != nil { t.Fatal(err) }
	defer s.Close()
	zz(t, s)
}

func zz(t *testing.T, s *store.Store) {
	if _, err := s.Migrate(t.Context()); err != nil { t.Fatal(err) }
	start := time.Now()
	if os.Getenv("ZZNOINDEX") == "" {
	if err := s.Index(t.Context()); err != nil { t.Fatal(err) }
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Println("index", time.Since(start), m.Sys>>20, "MiB")
	}
	for _, q := range []user.Query{{Search: "nobodyhere"}, {Search: "steinkolo"}, {Search: "stein"}, {Search: "grace"}, {Search: "999999"}, {Search: "user99"},
		{Search: "ada kolo"}, {Search: "ada example.com"}, {Search: "corp1234"}, {Search: "example"}, {Search: "王"}, {Search: "zo"}, {Search: "zq"}, {Search: "müller"}, {Search: "Νίκος stein"}, {Search: "grace hopper@example.com"},
		{Search: "+4912"}, {Search: "kolo", Order: "first_name"}, {Search:"kolo", IsActive: user.OnlyFalse}, {Search: "ada.kori", From: time.Date(2019,1,1,0,0,0,0,time.UTC)},{Search: "steinros"}} {
		best := time.Hour
		var ty user.Tally
		for range 3 {
			a := time.Now()
			ty, _, err := s.LookUsers(t.Context(), q, user.Window{Limit: 100, Count: 10000})
			_ = ty
			if err != nil { t.Fatal(err) }
			best = min(best, time.Since(a))
		}
		ty, _, _ = s.LookUsers(t.Context(), q, user.Window{Limit: 100, Count: 10000})
		a := time.Now()
		n, err := s.CountUsers(t.Context(), q)
		if err != nil { t.Fatal(err) }
		c := time.Since(a)
		a = time.Now()
		_, err = s.ListUsers(t.Context(), q, 0, 10)
		fmt.Printf("%-60v look %8v %v count %8v %d list %8v\n", q, best.Round(10*time.Microsecond), ty, c.Round(10*time.Microsecond), n, time.Since(a).Round(10*time.Microsecond))
	}
}
