package vision

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// Limits bound what one picture may cost. They are held against its header,
// before anything is allocated for its pixels. The zero value is the defaults.
type Limits struct {
	MaxBytes  int64 // encoded bytes; default: 32 MiB
	MaxPixels int64 // width times height; default: 50 million
	MaxSide   int   // pixels of the longer side; default: 16384
	MaxMemory int64 // bytes that a decoder holds at once, beside its input; default: 256 MiB
}

func (l Limits) withDefaults() (Limits, error) {
	if l.MaxBytes < 0 || l.MaxPixels < 0 || l.MaxSide < 0 || l.MaxMemory < 0 {
		return l, fmt.Errorf("negative limit in %+v: %w", l, quintet.ErrOption)
	}
	if l.MaxBytes == 0 {
		l.MaxBytes = 32 << 20
	}
	if l.MaxPixels == 0 {
		l.MaxPixels = 50e6
	}
	if l.MaxSide == 0 {
		l.MaxSide = 16384
	}
	if l.MaxMemory == 0 {
		l.MaxMemory = 256 << 20
	}
	l.MaxBytes = min(l.MaxBytes, 1<<40)   // so that sums and products
	l.MaxPixels = min(l.MaxPixels, 1<<40) // of them stay in an int64
	return l, nil
}

// defaultLimits returns what the zero Limits stand for.
func defaultLimits() Limits {
	l, err := Limits{}.withDefaults()
	if err != nil {
		panic("vision: zero limits must be valid: " + err.Error())
	}
	return l
}

// size refuses a picture of w by h pixels that is too long or too large.
func (l Limits) size(w, h int) error {
	if side := max(w, h); side > l.MaxSide {
		return &LimitError{Field: "Side", Got: int64(side), Max: int64(l.MaxSide)}
	}
	if n := int64(w) * int64(h); n > l.MaxPixels {
		return &LimitError{Field: "Pixels", Got: n, Max: l.MaxPixels}
	}
	return nil
}

// LimitError refuses a picture for what it would cost. It unwraps to
// [quintet.ErrInput].
//
// Field says which bound was crossed. "Bytes", "Pixels", "Side" and "Memory" are
// those of [Limits]. "Scans" is the number of scans of a JPEG, of which 128 are
// read. "Frames" is the number of a frame of an animation whose pixels, with those of all
// before it, are 16 times MaxPixels. "Data" means that the header lies: its picture needs more coded units
// than the bytes of the file can hold (8x8 blocks of a JPEG, inflated bytes of a
// PNG, pixels of a GIF, macroblocks or alpha values of a WebP).
type LimitError struct {
	Field string // "Bytes", "Pixels", "Side", "Memory", "Scans", "Frames" or "Data"
	Got   int64  // what the picture needs or claims
	Max   int64  // what is allowed or, for "Data", justified
}

// Error prints the bound with both numbers.
func (e *LimitError) Error() string {
	return fmt.Sprintf("%s: %d, limit %d: %v", e.Field, e.Got, e.Max, quintet.ErrInput)
}

// Unwrap returns [quintet.ErrInput].
func (e *LimitError) Unwrap() error { return quintet.ErrInput }
