package decode

import (
	"encoding/base64"
	"strings"
)

// decodeBase64 decodes leniently, as Python's b64decode does: it skips bytes outside
// of the alphabet and ignores everything after the padding. It returns incomplete
// data unchanged.
func decodeBase64(data []byte) []byte {
	kept := make([]byte, 0, len(data))
	pads := 0
	for _, b := range data {
		place := len(kept) % 4
		switch {
		case isBase64(b):
			kept, pads = append(kept, b), 0
		case b == '=' && place >= 2:
			if pads++; place+pads >= 4 {
				return decodeKept(kept, data)
			}
		}
	}
	if len(kept)%4 != 0 {
		return data
	}
	return decodeKept(kept, data)
}

func decodeKept(kept, data []byte) []byte {
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(kept)))
	n, err := base64.RawStdEncoding.Decode(out, kept)
	if err != nil {
		return data
	}
	return out[:n]
}

func isBase64(b byte) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	return strings.IndexByte(alphabet, b) >= 0
}
