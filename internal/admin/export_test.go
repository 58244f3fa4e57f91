package admin

// IsLocal reports whether an address is one of this site.
var IsLocal = isLocal

// DrawQR returns side and path of a QR code.
func DrawQR(text string) (side int, path string) {
	p := drawQR(text)
	return p.Size, p.Dark
}
