package audio

import (
	"bufio"
	"fmt"
	"io"

	"github.com/quintet-ai/quintet"
)

// decoder is what a format has to bring.
type decoder interface {
	// next returns the samples that come next, in whole frames; they may be none
	// and are valid up to the next call. The end is io.EOF, without samples.
	next() ([]float32, error)
}

// sound is a file whose header was read and fits the limits.
type sound struct {
	rate, channels int
	frames         int64 // that Decode may make room for at once, 0 if unknown
	decoder        decoder
}

// Reader decodes a sound file piece by piece, in memory that does not grow with
// the file. [Decode] is a Reader read to its end. It is not safe for concurrent
// use, and there is nothing to close.
type Reader struct {
	sound
	info      Info
	part      []float32 // decoded and not yet read
	done      int64     // frames that were decoded
	maxFrames int64
	err       error
}

// NewReader reads the header of a sound file. It accepts what [Decode] accepts
// and returns its errors; the ID of the options is not used.
func NewReader(r io.Reader, o DecodeOptions) (*Reader, error) {
	d, err := newReader(r, o)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// newReader returns a reader whose Info is set with an error too.
func newReader(r io.Reader, o DecodeOptions) (*Reader, error) {
	d := &Reader{}
	limits, err := o.Limits.withDefaults()
	if err != nil {
		return d, err
	}
	if r == nil {
		return d, fmt.Errorf("audio: no reader: %w", quintet.ErrInput)
	}
	s := &source{r: bufio.NewReaderSize(&cappedReader{r, limits.MaxBytes}, 1<<16), size: sizeOf(r)}
	err = guard(func() (err error) {
		d.sound, err = open(s, limits, &d.info)
		return err
	})
	if err != nil {
		return d, fmt.Errorf("audio: %w", err)
	}
	d.maxFrames = limits.maxFrames(d.rate, d.channels)
	return d, nil
}

// Rate returns the number of frames in a second.
func (d *Reader) Rate() int { return d.rate }

// Channels returns the number of samples in a frame.
func (d *Reader) Channels() int { return d.channels }

// Info returns what is known of the file so far. Truncated and NonFinite are
// final when Read has returned io.EOF.
func (d *Reader) Info() Info { return d.info }

// Read decodes interleaved samples into dst, as [Clip] holds them, and returns
// their number. It fills dst unless the sound ends or fails; then the error comes
// with the next call. The end is io.EOF, other errors are those of [Decode]. dst
// need not hold whole frames.
func (d *Reader) Read(dst []float32) (n int, err error) {
	for n < len(dst) {
		if len(d.part) == 0 && !d.more() {
			break
		}
		m := copy(dst[n:], d.part)
		d.part = d.part[m:]
		n += m
	}
	if n > 0 || len(dst) == 0 {
		return n, nil
	}
	return 0, d.err
}

// more decodes the next part that is not empty and reports whether there is one;
// if not, d.err tells why.
func (d *Reader) more() bool {
	for d.err == nil {
		err := guard(func() (err error) {
			d.part, err = d.decoder.next()
			return err
		})
		if err != nil {
			d.part, d.err = nil, err
			if err != io.EOF {
				d.err = fmt.Errorf("audio: %w", err)
			}
			return false
		}
		d.done += int64(len(d.part) / d.channels)
		if d.done > d.maxFrames {
			d.part, d.err = nil, fmt.Errorf("audio: %w", tooLong(d.maxFrames, d.channels, d.rate))
			return false
		}
		if len(d.part) > 0 {
			return true
		}
	}
	return false
}

// all decodes what is left.
func (d *Reader) all() ([]float32, error) {
	most := d.maxFrames * int64(d.channels)
	out := make([]float32, 0, min(d.frames*int64(d.channels), most))
	for d.more() {
		if need := int64(len(out) + len(d.part)); need > int64(cap(out)) {
			grown := make([]float32, len(out), min(max(need, 2*int64(len(out))), most)) // few copies
			copy(grown, out)
			out = grown
		}
		out = append(out, d.part...)
	}
	d.part = nil
	if d.err != io.EOF {
		return nil, d.err
	}
	if len(out) < cap(out)/4*3 {
		out = append(make([]float32, 0, len(out)), out...)
	}
	return out, nil
}

func tooLong(maxFrames int64, channels, rate int) error {
	return fmt.Errorf("more than %d frames of %d channels at %d Hz: %w", maxFrames, channels, rate, quintet.ErrInput)
}

// guard makes an error of a panic. The decoders of other projects take the bytes
// of strangers; one that stumbles must not take the program with it.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("decoder stumbled: %v: %w", p, quintet.ErrInput)
		}
	}()
	return f()
}
