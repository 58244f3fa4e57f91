package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// newDeviceRate limits the new devices of an account that are reported, and so
// the counters that they need.
var newDeviceRate = Rate{5, 24 * time.Hour}

// isNew reports whether an account logs in on a device that its owner should know
// about: the browser is not known to the account, and no login within DeviceLife
// had the same User-Agent in the same network. The first login of an account is
// not reported. It is called before the login changes the account.
func (s *Sessions) isNew(tx Tx, a Account, session Session, known bool) (bool, error) {
	if known {
		return false, nil
	}
	now, owner := s.Now(), ownerOf(a.ID)
	sum := sha256.Sum256([]byte(session.UserAgent + "\x00" + addressKey(parseAddress(session.Address))))
	seen := "seen:" + owner + ":" + hex.EncodeToString(sum[:16])
	first, err := tx.CountUse(now, Use{seen, Rate{1, DeviceLife}})
	if err != nil || !first {
		return false, err
	}
	within, err := tx.CountUse(now, Use{"new-devices:" + owner, newDeviceRate})
	if err == nil && !within {
		_, err = tx.DropCounter(seen)
	}
	return within && !a.LastLogin.IsZero(), err
}
