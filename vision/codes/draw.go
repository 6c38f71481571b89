package codes

import (
	"fmt"
	"image"

	"github.com/makiuchi-d/gozxing"

	"github.com/quintet-ai/quintet"
)

// Limits of what is drawn.
const (
	maxDrawn = 4096 // pixels of a side
	maxText  = 8192 // bytes
)

// Draw returns a code of a text, black on white, of w by h pixels or a little more where
// it does not fit, with the empty margin that readers need. QR codes hold up to some 2900
// bytes, bar codes few characters, of digits or letters only, as their standards say: a
// text that does not fit, or has more than 8192 bytes, is [quintet.ErrInput], a format
// that is not drawn [quintet.ErrUnsupported], a side outside of 1 to 4096
// [quintet.ErrOption].
func Draw(text string, f Format, w, h int) (m *image.Gray, err error) {
	k, ok := f.find()
	switch {
	case !ok || k.writer == nil:
		return nil, fmt.Errorf("format %.50q is not drawn: %w", f, quintet.ErrUnsupported)
	case w < 1 || h < 1 || w > maxDrawn || h > maxDrawn:
		return nil, fmt.Errorf("code of %dx%d pixels: %w", w, h, quintet.ErrOption)
	case len(text) == 0 || len(text) > maxText:
		return nil, fmt.Errorf("text of %d bytes, want 1 to %d: %w", len(text), maxText, quintet.ErrInput)
	}
	defer func() {
		if v := recover(); v != nil {
			m, err = nil, fmt.Errorf("gozxing panicked: %v: %w", v, quintet.ErrInput)
		}
	}()
	hints := map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_CHARACTER_SET: "UTF-8"}
	if f != QR {
		hints = nil
	}
	bits, err := k.writer().Encode(text, k.name, w, h, hints)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, quintet.ErrInput)
	}
	m = image.NewGray(image.Rect(0, 0, bits.GetWidth(), bits.GetHeight()))
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			if !bits.Get(x, y) {
				m.Pix[y*m.Stride+x] = 255
			}
		}
	}
	return m, nil
}
