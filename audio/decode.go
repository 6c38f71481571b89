package audio

import (
	"fmt"
	"io"
	"time"

	"github.com/quintet-ai/quintet"
)

// Limits bounds what [Decode] accepts. Beyond one, decoding stops with
// [quintet.ErrInput]. The zero value is safe for data from strangers.
type Limits struct {
	// MaxDuration bounds the duration. Default: 12 hours.
	MaxDuration time.Duration

	// MaxChannels bounds the channels. Default: 64.
	MaxChannels int

	// MaxRate bounds the sampling rate in Hz. Default, and at most: [MaxRate].
	MaxRate int

	// MaxBytes bounds the bytes read and, at four bytes a sample, the samples
	// decoded. Default: 1 GiB, which is 93 minutes of stereo at 48 kHz.
	MaxBytes int64
}

func (l Limits) withDefaults() (Limits, error) {
	switch {
	case l.MaxDuration < 0 || l.MaxChannels < 0 || l.MaxRate < 0 || l.MaxBytes < 0:
		return l, fmt.Errorf("audio: negative limit: %w", quintet.ErrOption)
	case l.MaxRate > MaxRate:
		return l, fmt.Errorf("audio: MaxRate is %d, must be at most %d: %w", l.MaxRate, MaxRate, quintet.ErrOption)
	}
	if l.MaxDuration == 0 {
		l.MaxDuration = 12 * time.Hour
	}
	if l.MaxChannels == 0 {
		l.MaxChannels = 64
	}
	if l.MaxRate == 0 {
		l.MaxRate = MaxRate
	}
	if l.MaxBytes == 0 {
		l.MaxBytes = 1 << 30
	}
	return l, nil
}

// maxFrames returns how many frames the limits allow.
func (l Limits) maxFrames(rate, channels int) int64 {
	byTime := l.MaxDuration.Seconds() * float64(rate)
	byMemory := l.MaxBytes / 4 / int64(channels)
	return int64(min(byTime, float64(byMemory)))
}

// DecodeOptions configures [Decode]. The zero value is good for any data.
type DecodeOptions struct {
	// ID becomes the ID of the clip.
	ID string

	// Limits bounds what is accepted.
	Limits Limits
}

// Info is what [Decode] learned about a file besides its sound.
type Info struct {
	// Format is the container. It is set for formats that are known but not
	// supported too.
	Format Format `json:"format"`

	// Encoding is how the file stores a sample.
	Encoding SampleFormat `json:"encoding"`

	// Truncated reports that the file ends before its header says: it was cut
	// off, or the header lies. The clip holds what is there.
	Truncated bool `json:"truncated,omitempty"`

	// NonFinite counts samples that were NaN, infinite or beyond float32 and
	// were replaced by 0.
	NonFinite int `json:"non_finite,omitempty"`
}

// Decode reads a sound file. The format is recognised by content, never by name.
// The list of [Format] says which are read, and what of them.
//
// Size fields are claims. Memory grows with the bytes that were really read; a
// file that is shorter than it says is decoded as far as it goes and reported in
// [Info]; WAV files written to a pipe, whose sizes are 0 or the largest number, are
// read to their end. A frame cut in two at the end is dropped. Decode reads no
// further than the sound of a WAV or AIFF file, apart from what it buffers.
//
// Errors wrap [quintet.ErrUnsupported] for other formats that are known, with the
// name, and [quintet.ErrInput] for everything else that is not sound, is damaged
// or beyond the limits; an error of r is wrapped too.
func Decode(r io.Reader, o DecodeOptions) (Clip, Info, error) {
	d, err := newReader(r, o)
	if err != nil {
		return Clip{}, d.info, err
	}
	clip := Clip{ID: o.ID, Rate: d.rate, Channels: d.channels}
	if clip.Samples, err = d.all(); err != nil {
		return Clip{}, d.info, err
	}
	return clip, d.info, nil
}

// open reads the header of a file of any format.
func open(s *source, limits Limits, info *Info) (sound, error) {
	head, err := s.r.Peek(sniffLen)
	if err != nil && err != io.EOF {
		return sound{}, err
	}
	info.Format = Sniff(head)
	switch info.Format {
	case WAV, RF64:
		return openWAV(s, limits, info)
	case AIFF:
		return openAIFF(s, limits, info)
	case OggVorbis:
		return openVorbis(s, limits, info)
	case OggOpus:
		return openOpus(s, limits, info)
	case MP3:
		return openMP3(s, limits, info)
	case FLAC:
		return openFLAC(s, limits, info)
	case "":
		if len(head) == 0 {
			return sound{}, fmt.Errorf("no data: %w", quintet.ErrInput)
		}
		head = head[:min(len(head), 12)]
		return sound{}, fmt.Errorf("unknown format, begins with %q: %w", head, quintet.ErrInput)
	}
	return sound{}, fmt.Errorf("format %s: %w", info.Format, quintet.ErrUnsupported)
}

// checkShape returns why a rate or a number of channels is beyond the limits.
func (l Limits) checkShape(channels int, rate int64) error {
	switch {
	case channels < 1 || channels > l.MaxChannels:
		return fmt.Errorf("%d channels, must be from 1 to %d: %w", channels, l.MaxChannels, quintet.ErrInput)
	case rate < 1 || rate > int64(l.MaxRate):
		return fmt.Errorf("rate is %d Hz, must be from 1 to %d: %w", rate, l.MaxRate, quintet.ErrInput)
	}
	return nil
}
