package admin

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quietZone is the width of the required white margin, in modules.
const quietZone = 4

// picture is a QR code for SVG: dark modules on a white square.
type picture struct {
	Size int    // of a side, in modules, including the quiet zone
	Dark string // the path around the dark modules
}

// drawQR returns the QR code of a text, the zero picture if the text is too long.
// The picture is as secret as the text.
func drawQR(text string) picture {
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return picture{}
	}
	side := code.Bounds().Dx()
	var path strings.Builder
	for y := range side {
		for x := 0; x < side; x++ {
			from := x
			for x < side && code.At(x, y) == color.Black {
				x++
			}
			if length := x - from; length > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quietZone, y+quietZone, length, length)
			}
		}
	}
	return picture{Size: side + 2*quietZone, Dark: path.String()}
}
