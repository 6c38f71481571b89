package vision

import (
	"context"
	"fmt"
	"image"

	"github.com/quintet-ai/quintet"
)

// Format is a picture file format, recognised by content and never by name.
type Format string

// The formats that [Decode] reads.
const (
	JPEG Format = "jpeg" // baseline, extended and progressive, 8 bits, Huffman coded
	PNG  Format = "png"  // all colour types and depths; of an APNG the still picture
	GIF  Format = "gif"  // the first frame; GIFFrames reads all
	WebP Format = "webp" // lossy, lossless and lossy with alpha; not animated
)

// ColorModel says how a file stores colour.
type ColorModel string

// The colour models of the formats.
const (
	ColorGray    ColorModel = "gray"
	ColorRGB     ColorModel = "rgb"
	ColorYCbCr   ColorModel = "ycbcr"
	ColorCMYK    ColorModel = "cmyk" // YCCK too
	ColorPalette ColorModel = "palette"
)

// Info is what a picture's header says.
type Info struct {
	Format Format `json:"format,omitempty"` // empty for a picture that came decoded

	// Width and Height are those of the picture that [Decode] returns under the
	// same options: upright, unless it was told to ignore the orientation.
	// Of a GIF they are the first frame's.
	Width  int `json:"width"`
	Height int `json:"height"`

	Orientation Orientation `json:"orientation"`           // as the file says; 1 if it says nothing
	Color       ColorModel  `json:"color,omitempty"`       // empty for a picture that came decoded
	Depth       int         `json:"depth,omitempty"`       // bits per sample or palette index, 1 to 16
	Alpha       bool        `json:"alpha,omitempty"`       // the file has room for transparency
	Progressive bool        `json:"progressive,omitempty"` // progressive JPEG, interlaced PNG or GIF
	EXIF        EXIF        `json:"exif,omitzero"`         // of a JPEG, PNG or WebP
}

// file is a picture file whose header has been read. Its methods know the
// format; they get the same data again that the header came from.
type file interface {
	// info describes the picture as it is stored.
	info() Info

	// memory returns upper estimates of the bytes that decode holds at once,
	// input excluded, and of those that its result keeps.
	memory() (peak, result int64)

	// verify refuses a file whose data cannot justify its header. It allocates
	// nothing to speak of.
	verify(data []byte) error

	// decode returns the picture as it is stored, at origin (0, 0).
	decode(ctx context.Context, data []byte) (image.Image, error)
}

// errShort says that data ends inside a header.
var errShort = fmt.Errorf("header is truncated: %w", quintet.ErrInput)

// parse reads the header of a file. It returns errShort if data ends before the
// header does, with a file all the same if what is missing is optional.
func parse(format Format, data []byte) (file, error) {
	switch format {
	case JPEG:
		return parseJPEG(data)
	case PNG:
		return parsePNG(data)
	case GIF:
		return parseGIF(data)
	case WebP:
		return parseWebP(data)
	}
	return nil, fmt.Errorf("format %s: %w", format, quintet.ErrUnsupported)
}

// magics holds the first bytes of formats; '?' stands for any byte. Those that
// parse does not know are here to be refused by name.
var magics = []struct {
	magic  string
	format Format
}{
	{"\xff\xd8\xff", JPEG},
	{"\x89PNG\r\n\x1a\n", PNG},
	{"GIF87a", GIF},
	{"GIF89a", GIF},
	{"RIFF????WEBP", WebP},
	{"II*\x00", "tiff"},
	{"MM\x00*", "tiff"},
	{"BM????\x00\x00\x00\x00", "bmp"},
	{"????ftypavif", "avif"},
	{"????ftyphei", "heic"},
	{"????ftypmif1", "heic"},
	{"\xff\x0a", "jpeg xl"},
	{"\x00\x00\x00\x0cJXL \r\n\x87\n", "jpeg xl"},
	{"\x00\x00\x00\x0cjP  \r\n\x87\n", "jpeg 2000"},
	{"\x00\x00\x01\x00", "ico"},
	{"8BPS\x00\x01", "psd"},
}

// Sniff returns the format of a file that begins with head, "" if it is no picture
// of a known one. Twelve bytes are enough. It knows more formats than [Decode]
// reads.
func Sniff(head []byte) Format {
	format, err := sniff(head)
	if err != nil {
		return ""
	}
	return format
}

// longestMagic is how many bytes sniff needs to be sure.
const longestMagic = 12

// sniff recognises a format by its first bytes.
func sniff(data []byte) (Format, error) {
	if len(data) == 0 {
		return "", fmt.Errorf("no data: %w", quintet.ErrInput)
	}
	for _, m := range magics {
		if hasMagic(data, m.magic) {
			return m.format, nil
		}
	}
	return "", fmt.Errorf("not a picture of a known format: it begins with %q: %w",
		data[:min(len(data), longestMagic)], quintet.ErrInput)
}

func hasMagic(data []byte, magic string) bool {
	if len(data) < len(magic) {
		return false
	}
	for i, c := range []byte(magic) {
		if c != '?' && c != data[i] {
			return false
		}
	}
	return true
}

// cut returns data[at:at+n], or errShort if data ends before that.
func cut(data []byte, at, n int) ([]byte, error) {
	if at < 0 || n < 0 || at > len(data)-n {
		return nil, errShort
	}
	return data[at : at+n : at+n], nil
}

// divUp returns a/b rounded up, for a >= 0 and b > 0.
func divUp(a, b int) int { return (a + b - 1) / b }

func divUp64(a, b int64) int64 { return (a + b - 1) / b }
