package backup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const nameTime = "20060102T150405Z"

// ownName matches the names that Name makes, and leftovers those of files that
// were not finished.
var (
	ownName   = regexp.MustCompile(`^roster-(\d{8}T\d{6}Z)\.backup$`)
	leftovers = regexp.MustCompile(`^\.roster-\d{8}T\d{6}Z\.backup\.\d+\.part$`)
)

// leftoverAge is how long ago a file was last written that nobody writes any more.
const leftoverAge = time.Hour

// Name returns the name of a scheduled backup that is made at that time.
func Name(at time.Time) string { return "roster-" + at.UTC().Format(nameTime) + ".backup" }

// Prune removes from a folder the scheduled backups that are not kept: the
// newest of each of the last days (in UTC) that have any is, and all of the
// newest day. It touches only regular files that have a name of Name's and are
// backups by their head, and what Create left behind under such a name. It
// returns the names of what it removed.
func Prune(folder string, days int, now time.Time) (removed []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var own []string
	for _, entry := range entries {
		switch name := entry.Name(); {
		case !entry.Type().IsRegular():
		case isOwn(filepath.Join(folder, name)):
			own = append(own, name)
		case leftovers.MatchString(name) && isOld(entry, now):
			removed = append(removed, name)
		}
	}
	removed = append(removed, surplus(own, days)...)
	for _, name := range removed {
		if failed := os.Remove(filepath.Join(folder, name)); !errors.Is(failed, fs.ErrNotExist) {
			err = errors.Join(err, failed)
		}
	}
	return removed, err
}

// isOwn reports whether a file is a scheduled backup, by its name and its head.
func isOwn(path string) bool {
	if !ownName.MatchString(filepath.Base(path)) {
		return false
	}
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // it was only read
	_, err = ReadHeader(file)
	return err == nil
}

func isOld(entry fs.DirEntry, now time.Time) bool {
	info, err := entry.Info()
	return err == nil && now.Sub(info.ModTime()) > leftoverAge
}

// surplus returns those of the names that are not kept.
func surplus(names []string, days int) (gone []string) {
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(b, a) }) // the newest first
	day, seen := "", 0
	for _, name := range names {
		switch found := name[:len("roster-20060102")]; {
		case found != day:
			day = found
			seen++
			if seen > max(1, days) {
				gone = append(gone, name)
			}
		case seen > 1:
			gone = append(gone, name)
		}
	}
	return gone
}
