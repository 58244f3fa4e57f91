package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/form"
	"roster/internal/store"
	"roster/internal/store/sqlite"
	"roster/internal/user"
)

// benchUsers is how many users the benchmarks read from.
const benchUsers = 200_000

func benchStore(b *testing.B) *store.Store {
	b.Helper()
	s := openNew(b)
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for done := 0; done < benchUsers; done += 1000 {
		err := s.InTx(b.Context(), func(tx user.Tx) error {
			for i := done; i < done+1000; i++ {
				if _, err := tx.InsertUser(benchUser(i, noon)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if _, err := s.CountUsers(b.Context(), user.Query{}); err != nil {
		b.Fatal(err)
	}
	return s
}

func benchUser(i int, noon time.Time) user.User {
	at := noon.Add(time.Duration(i) * time.Second)
	return user.User{
		Username: fmt.Sprintf("user%d", i), Email: fmt.Sprintf("user%d@example.com", i),
		FirstName: form.TextOf("First"), LastName: form.TextOf("Last"), Phone: form.TextOf("+15550000"),
		IsActive: i%10 != 0, CreatedAt: at.Add(time.Microsecond), UpdatedAt: at.Add(time.Microsecond),
	}
}

func BenchmarkFindUser(b *testing.B) {
	s := benchStore(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.FindUser(b.Context(), 1+rand.Int64N(benchUsers)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkListFirstPage(b *testing.B) { benchPage(b, 0) }

func BenchmarkListDeepPage(b *testing.B) {
	b.Run("middle", func(b *testing.B) { benchPage(b, benchUsers/2) })
	b.Run("last", func(b *testing.B) { benchPage(b, benchUsers-10) })
}

func benchPage(b *testing.B, offset int64) {
	b.Helper()
	s := benchStore(b)
	b.ReportAllocs()
	for b.Loop() {
		if users, err := s.ListUsers(b.Context(), user.Query{}, offset, 10); err != nil || len(users) != 10 {
			b.Fatal(len(users), err)
		}
	}
}

func BenchmarkVersion(b *testing.B) {
	s := openNew(b)
	b.ReportAllocs()
	for b.Loop() {
		s.Version(b.Context())
	}
}

func BenchmarkCountUsers(b *testing.B) {
	s := benchStore(b)
	b.ReportAllocs()
	for b.Loop() {
		if n, err := s.CountUsers(b.Context(), user.Query{}); err != nil || n != benchUsers {
			b.Fatal(n, err)
		}
	}
}

// BenchmarkCreateParallel creates users, one a call, by 64 callers at once.
func BenchmarkCreateParallel(b *testing.B) {
	s := openNew(b)
	var n atomic.Int64
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b.SetParallelism(32)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			u := benchUser(int(n.Add(1)), noon)
			err := s.InTx(context.Background(), func(tx user.Tx) error {
				_, err := tx.InsertUser(u)
				return err
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkCreateOne creates users one after the other.
func BenchmarkCreateOne(b *testing.B) {
	s := openNew(b)
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for i := 0; b.Loop(); i++ {
		err := s.InTx(b.Context(), func(tx user.Tx) error {
			_, err := tx.InsertUser(benchUser(i, noon))
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBareCommit is the floor of the two: a row and a commit, without savepoints.
func BenchmarkBareCommit(b *testing.B) {
	path := filepath.Join(b.TempDir(), "db.sqlite3")
	openMigrated(b, path)
	insert, err := sqlite.BareInsert(path)
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if err := insert(i); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen opens a file that is there and sees that nothing is pending.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "db.sqlite3")
	openMigrated(b, path)
	for b.Loop() {
		s, err := store.Open(b.Context(), store.Options{Path: path, Readers: 2})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Migrate(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
