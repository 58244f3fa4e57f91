package machine

import (
	"math"
	"math/bits"

	"golang.org/x/sys/unix"
)

// networks are the network file systems, by the magic number in statfs(2).
var networks = map[int64]string{
	unix.NFS_SUPER_MAGIC:  "nfs",
	unix.SMB_SUPER_MAGIC:  "smb",
	unix.SMB2_SUPER_MAGIC: "smb2",
	unix.CIFS_SUPER_MAGIC: "cifs",
	unix.AFS_SUPER_MAGIC:  "afs",
	unix.CEPH_SUPER_MAGIC: "ceph",
	unix.V9FS_MAGIC:       "9p",
	unix.CODA_SUPER_MAGIC: "coda",
}

// openFiles returns the limit of open files of this process, 0 if unknown.
func openFiles() uint64 {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return limit.Cur
}

// diskOf returns the name of a directory's network file system, "" for others,
// and the bytes of the file system; zeros if unknown.
func diskOf(folder string) (network string, size, free int64) {
	var stat unix.Statfs_t
	if err := unix.Statfs(folder, &stat); err != nil || stat.Bsize <= 0 {
		return "", 0, 0
	}
	return networks[int64(stat.Type)], bytes(stat.Blocks, stat.Bsize), bytes(stat.Bavail, stat.Bsize) //nolint:unconvert // the type differs between architectures
}

// bytes returns the product, or the maximum int64 on overflow.
func bytes(blocks uint64, size int64) int64 {
	high, low := bits.Mul64(blocks, uint64(size)) //nolint:gosec // the caller has seen that size is positive
	if high > 0 || low > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(low)
}
