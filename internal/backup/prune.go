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

// ownName matches names made by Name, leftovers those of unfinished files.
var (
	ownName   = regexp.MustCompile(`^roster-(\d{8}T\d{6}Z)\.backup$`)
	leftovers = regexp.MustCompile(`^\.roster-\d{8}T\d{6}Z\.backup\.\d+\.part$`)
)

// leftoverAge is the time since the last write after which an unfinished file
// is considered abandoned.
const leftoverAge = time.Hour

// Name returns the name of a scheduled backup made at that time.
func Name(at time.Time) string { return "roster-" + at.UTC().Format(nameTime) + ".backup" }

// Prune deletes old scheduled backups from a directory and returns their names.
// It keeps the newest backup of each of the last days (in UTC) that have any,
// and all of the newest day. It only touches regular files with a name made by
// Name and a valid head, and leftovers of Create with such a name.
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

// isOwn reports whether a file is a scheduled backup, by its name and head.
func isOwn(path string) bool {
	if !ownName.MatchString(filepath.Base(path)) {
		return false
	}
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // read only
	_, err = ReadHeader(file)
	return err == nil
}

func isOld(entry fs.DirEntry, now time.Time) bool {
	info, err := entry.Info()
	return err == nil && now.Sub(info.ModTime()) > leftoverAge
}

// surplus returns the names of backups to delete.
func surplus(names []string, days int) (gone []string) {
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(b, a) }) // newest first
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
