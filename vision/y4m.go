package vision

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/quintet-ai/quintet"
)

// Y4M reads a video in the format of YUV4MPEG2: a line of text, then frames that are not
// compressed. It is what programs pipe to one another:
//
//	ffmpeg -i film.mp4 -f yuv4mpegpipe -pix_fmt yuv420p -
//
// Samples have 8 bits, colours are whole, halved each way or across, quartered across,
// or missing (C444, C420 in all its names, C422, C411, Cmono). It is not safe for
// concurrent use.
type Y4M struct {
	Width, Height int     // of a frame, in pixels
	Rate          float64 // frames per second, 0 if the file does not say
	Interlaced    bool    // each frame has the rows of two times

	r     *bufio.Reader
	ratio image.YCbCrSubsampleRatio
	mono  bool
	luma  *[256]uint8 // what the samples become, nil: what they are
	color *[256]uint8
}

// maxY4MLine bounds the lines of text.
const maxY4MLine = 1 << 10

// OpenY4M reads the first line of a video and holds it against the limits, before
// anything is allocated for a frame. What is no such video is [quintet.ErrInput], a
// sampling or depth that is not read here [quintet.ErrUnsupported], a frame that is too
// large a [*LimitError].
func OpenY4M(r io.Reader, l Limits) (*Y4M, error) {
	y := &Y4M{r: bufio.NewReaderSize(r, 64<<10), ratio: image.YCbCrSubsampleRatio420}
	line, err := y.line()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("Y4M ends in its first line: %w", quintet.ErrInput)
	}
	if err != nil {
		return nil, err
	}
	tags := strings.Fields(line)
	if len(tags) == 0 || tags[0] != "YUV4MPEG2" {
		return nil, fmt.Errorf("not a Y4M: it begins with %.20q: %w", line, quintet.ErrInput)
	}
	full := false
	for _, tag := range tags[1:] {
		if tag == "XCOLORRANGE=FULL" {
			full = true
		}
		if err := y.tag(tag[0], tag[1:]); err != nil {
			return nil, err
		}
	}
	if y.Width < 1 || y.Height < 1 {
		return nil, fmt.Errorf("Y4M of %dx%d pixels: %w", y.Width, y.Height, quintet.ErrInput)
	}
	if !full {
		y.luma, y.color = studioRange()
	}
	return y, l.frames(y.Width, y.Height, 3)
}

// tag reads a parameter of the first line. Unknown ones mean nothing.
func (y *Y4M) tag(name byte, value string) (err error) {
	switch name {
	case 'W':
		y.Width, err = strconv.Atoi(value)
	case 'H':
		y.Height, err = strconv.Atoi(value)
	case 'I':
		y.Interlaced = value == "t" || value == "b" || value == "m"
	case 'F':
		a, b, _ := strings.Cut(value, ":")
		n, errN := strconv.ParseFloat(a, 64)
		d, errD := strconv.ParseFloat(b, 64)
		if errN == nil && errD == nil && n > 0 && d > 0 {
			y.Rate = n / d
		}
	case 'C':
		return y.sampling(value)
	}
	if err != nil {
		return fmt.Errorf("Y4M parameter %c%.20s: %w", name, value, quintet.ErrInput)
	}
	return nil
}

func (y *Y4M) sampling(name string) error {
	switch name {
	case "420", "420jpeg", "420mpeg2", "420paldv":
		y.ratio = image.YCbCrSubsampleRatio420
	case "422":
		y.ratio = image.YCbCrSubsampleRatio422
	case "444":
		y.ratio = image.YCbCrSubsampleRatio444
	case "411":
		y.ratio = image.YCbCrSubsampleRatio411
	case "mono":
		y.mono = true
	default:
		return fmt.Errorf("Y4M sampling C%.20s: %w", name, quintet.ErrUnsupported)
	}
	return nil
}

// studioRange returns what the samples of television, 16 to 235 and 16 to 240, become.
func studioRange() (luma, color *[256]uint8) {
	luma, color = new([256]uint8), new([256]uint8)
	for v := range 256 {
		luma[v] = round(float32(v-16) * 255 / 219)
		color[v] = round(float32(v-128)*255/224 + 128)
	}
	return luma, color
}

// line reads a line of text without its end.
func (y *Y4M) line() (string, error) {
	var line []byte
	for len(line) < maxY4MLine {
		b, err := y.r.ReadByte()
		if errors.Is(err, io.EOF) && len(line) > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return "", err
		}
		if b == '\n' {
			return string(line), nil
		}
		line = append(line, b)
	}
	return "", fmt.Errorf("Y4M line of more than %d bytes: %w", maxY4MLine, quintet.ErrInput)
}

// Frames returns the frames as they come. ID is the number of one, from 0; Image is an
// *image.YCbCr, or an *image.Gray of a video without colours, which is the receiver's.
// Samples have the range of JPEG, from 0 to 255: those of a file that does not claim it
// are stretched. The matrix is taken for that of BT.601, whose colours differ a little
// from those of BT.709. The sequence ends with the source; a frame that is not
// whole or not there is [quintet.ErrInput] and the last. It can be taken once.
func (y *Y4M) Frames() iter.Seq2[Picture, error] {
	return func(yield func(Picture, error) bool) {
		for n := 0; ; n++ {
			m, err := y.frame()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Picture{}, frameError(n, err))
				return
			}
			if !yield(Picture{ID: strconv.Itoa(n), Image: m}, nil) {
				return
			}
		}
	}
}

// frame returns the next one, or io.EOF where it would begin.
func (y *Y4M) frame() (image.Image, error) {
	line, err := y.line()
	if err != nil {
		return nil, err
	}
	if line != "FRAME" && !strings.HasPrefix(line, "FRAME ") {
		return nil, fmt.Errorf("no frame but %.20q: %w", line, quintet.ErrInput)
	}
	box := image.Rect(0, 0, y.Width, y.Height)
	if y.mono {
		m := image.NewGray(box)
		return m, y.plane(m.Pix, y.luma)
	}
	m := image.NewYCbCr(box, y.ratio)
	return m, errors.Join(y.plane(m.Y, y.luma), y.plane(m.Cb, y.color), y.plane(m.Cr, y.color))
}

// plane reads samples. Inside of a frame a source must not end.
func (y *Y4M) plane(pix []uint8, as *[256]uint8) error {
	if _, err := io.ReadFull(y.r, pix); err != nil {
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	if as != nil {
		for i, v := range pix {
			pix[i] = as[v]
		}
	}
	return nil
}
