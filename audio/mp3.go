package audio

import (
	"fmt"
	"io"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/mp3"
)

// mp3Decoder gives the frames of a stream, one by one, to a decoder of samples
// that never sees anything else: no tag, no size and no damaged head.
type mp3Decoder struct {
	framer   mp3Framer
	info     *Info
	channels int
	gap      mp3Gap
	header   mp3.Header
	pending  []byte // the first frame, if it holds sound
	frames   int64  // of the stream, decoded
	skip     int    // samples to drop at the start
	held     []float32
	out      []float32
	samples  mp3.Decoder
}

func openMP3(s *source, limits Limits, info *Info) (sound, error) {
	if err := skipID3(s); err != nil {
		return sound{}, err
	}
	head, err := s.r.Peek(sniffLen)
	if err != nil && err != io.EOF {
		return sound{}, err
	}
	switch f := Sniff(head); {
	case f == FLAC:
		info.Format = f
		return openFLAC(s, limits, info)
	case f == MP3 && head[2]>>4 == 0:
		return sound{}, fmt.Errorf("mp3 of a free bit rate: %w", quintet.ErrUnsupported)
	case f != "" && f != MP3:
		info.Format = f
		return sound{}, fmt.Errorf("format %s behind an id3 tag: %w", f, quintet.ErrUnsupported)
	}
	d := &mp3Decoder{framer: mp3Framer{src: s}, info: info}
	if err := d.begin(); err != nil {
		return sound{}, err
	}
	h := d.header
	if err := limits.checkShape(h.Channels, int64(h.Rate)); err != nil {
		return sound{}, err
	}
	m := limits.maxFrames(h.Rate, h.Channels)
	if d.gap.frames > (m+int64(d.gap.start+d.gap.end))/int64(h.Frames())+1 {
		return sound{}, tooLong(m, h.Channels, h.Rate)
	}
	info.Encoding = Coded
	d.channels, d.skip = h.Channels, d.gap.start*h.Channels
	return sound{rate: h.Rate, channels: h.Channels, decoder: d}, nil
}

// begin finds the first frame.
func (d *mp3Decoder) begin() error {
	h, frame, err := d.framer.next()
	if err == io.EOF {
		return fmt.Errorf("no mp3 frames: %w", quintet.ErrInput)
	}
	if err != nil {
		return err
	}
	d.header = h
	gap, isGap := parseMP3Gap(h, frame)
	if !isGap {
		d.pending = frame
	}
	d.gap = gap
	return nil
}

func (d *mp3Decoder) next() ([]float32, error) {
	h, frame, err := d.header, d.pending, error(nil)
	if d.pending = nil; frame == nil {
		h, frame, err = d.framer.next()
	}
	if err != nil && err != io.EOF {
		return nil, err
	}
	if err == io.EOF {
		return d.end()
	}
	if d.framer.lost {
		d.samples.Skip()
	}
	// A frame that cannot be decoded is silent and as long.
	d.out, _ = d.samples.Decode(d.out[:0], h, frame)
	d.out = mixTo(d.out, h.Channels, d.channels)
	d.frames++
	n := min(d.skip, len(d.out))
	d.skip -= n
	if d.gap.end == 0 {
		return d.out[n:], nil
	}
	// The end is dropped, so as much is always held back.
	d.held = append(d.held, d.out[n:]...)
	ready := max(0, len(d.held)-d.gap.end*d.channels)
	d.out = append(d.out[:0], d.held[:ready]...)
	d.held = append(d.held[:0], d.held[ready:]...)
	return d.out, nil
}

// mixTo returns frames of one or two channels as frames of the other number: twice the
// same, or the mean. It works in the memory of x where that is enough.
func mixTo(x []float32, from, to int) []float32 {
	switch {
	case from < to:
		n := len(x)
		x = append(x, x...)
		for i := n - 1; i >= 0; i-- {
			x[2*i], x[2*i+1] = x[i], x[i]
		}
	case from > to:
		for i := range len(x) / 2 {
			x[i] = (x[2*i] + x[2*i+1]) / 2
		}
		x = x[:len(x)/2]
	}
	return x
}

// end returns what was held back if the file ends too early for it to be dropped.
func (d *mp3Decoder) end() ([]float32, error) {
	d.info.Truncated = d.framer.cut || d.frames < d.gap.frames
	if d.info.Truncated && len(d.held) > 0 {
		out := d.held
		d.held = nil
		return out, nil
	}
	return nil, io.EOF
}
