package audio_test

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
)

// oggPage is a page of one packet.
func oggPage(flags byte, sequence uint32, packet []byte) []byte {
	b := append([]byte("OggS\x00"), flags)
	b = binary.LittleEndian.AppendUint64(b, 0)
	b = binary.LittleEndian.AppendUint32(b, 7)
	b = binary.LittleEndian.AppendUint32(b, sequence)
	b = append(b, 0, 0, 0, 0, byte(len(packet)/255+1))
	b = append(b, bytes.Repeat([]byte{255}, len(packet)/255)...)
	b = append(append(b, byte(len(packet)%255)), packet...)
	var crc uint32
	for _, v := range b {
		crc ^= uint32(v) << 24
		for range 8 {
			crc = crc<<1 ^ crc>>31*0x04c11db7
		}
	}
	binary.LittleEndian.PutUint32(b[22:], crc)
	return b
}

// bitWriter packs numbers as Vorbis does.
type bitWriter struct {
	b []byte
	n int
}

func (w *bitWriter) put(v uint64, bits int) {
	for i := range bits {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (w.n % 8)
		w.n++
	}
}

// vorbisFile has the given comment and setup packets, and 200 bytes of sound.
func vorbisFile(comment, setup []byte) []byte {
	head := append([]byte("\x01vorbis\x00\x00\x00\x00\x02\x44\xac\x00\x00"), make([]byte, 12)...)
	file := oggPage(2, 0, append(head, 0xb8, 1))
	file = append(file, oggPage(0, 1, append([]byte("\x03vorbis"), comment...))...)
	file = append(file, oggPage(0, 2, append([]byte("\x05vorbis"), setup...))...)
	return append(file, oggPage(4, 3, make([]byte, 200))...)
}

// bookSetup is a setup header that begins with a codebook of a size.
func bookSetup(dimensions, entries uint64) []byte {
	var w bitWriter
	w.put(0, 8)
	w.put(0x564342, 24)
	w.put(dimensions, 16)
	w.put(entries, 24)
	w.put(1, 1) // ordered, so that entries cost nothing
	w.put(24-1, 5)
	w.put(entries, 24)
	w.put(2, 4)
	w.put(0, 400)
	return w.b
}

// Files of some bytes that ask for gigabytes are refused before anything is made
// for them.
func TestBombs(t *testing.T) {
	comments := bytes.Repeat([]byte{0xff, 0xff, 0xff, 0x7f}, 4)
	copy(comments, "\x00\x00\x00\x00") // no vendor, 2 147 483 647 comments
	info := func(block uint16, shape uint64) []byte {
		b := binary.BigEndian.AppendUint16([]byte("fLaC\x80\x00\x00\x22"), block)
		b = append(binary.BigEndian.AppendUint16(b, block), make([]byte, 6)...)
		return append(binary.BigEndian.AppendUint64(b, shape), make([]byte, 16)...)
	}
	for name, tt := range map[string]struct {
		file []byte
		text string // of the error
	}{
		"Vorbis of two thousand million comments": {vorbisFile(comments, bookSetup(1, 2)), "vorbis"},
		"Vorbis codebook of 2^40 values":          {vorbisFile(nil, bookSetup(65535, 1<<24-1)), "codebook"},
		"Vorbis codebook without dimensions":      {vorbisFile(nil, bookSetup(0, 64)), "codebook"},
		"Vorbis codebook of one entry":            {vorbisFile(nil, bookSetup(1, 1)), "codebook"},
		"Vorbis codebook of no entry":             {vorbisFile(nil, bookSetup(1, 0)), "codebook"},
		"an Opus header and no more": {bytes.Join([][]byte{
			oggPage(2, 0, append([]byte("OpusHead\x01\x02\x00\x00\x80\xbb\x00\x00\x00\x00"), 0)),
		}, nil), ""},
		"FLAC of a year":         {info(4096, 8000<<44|0<<41|15<<36|1<<35), "more than"},
		"ID3 tag of 256 MB":      {append([]byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7f"), "short"...), "no mp3 frames"},
		"AIFF of 64 channels":    {[]byte("FORM\x00\x00\x00\x00AIFFCOMM\x00\x00\x00\x12\x00\x40\xff\xff\xff\xff\x00\x20\x40\x0e\xac\x44\x00\x00\x00\x00\x00\x00SSND\xff\xff\xff\xf0\x00\x00\x00\x00\x00\x00\x00\x00"), ""},
		"garbage behind MP3 tag": {append([]byte("ID3\x04\x00\x00\x00\x00\x00\x00"), strings.Repeat("\xff", 1<<20)...), "no mp3 frames"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := audio.Decode(bytes.NewReader(tt.file), audio.DecodeOptions{})
			runtime.ReadMemStats(&after)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20))
			if tt.text == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, quintet.ErrInput)
			require.ErrorContains(t, err, tt.text)
		})
	}
}

func TestLimitsHoldForCodedSound(t *testing.T) {
	for _, name := range []string{"stereo16.flac", "sox.aiff", "joint.mp3", "stereo.ogg", "music.opus"} {
		for _, limits := range []audio.Limits{
			{MaxDuration: 2 * time.Millisecond}, {MaxChannels: 1}, {MaxRate: 8000}, {MaxBytes: 900},
		} {
			_, _, err := audio.Decode(bytes.NewReader(coded(t, name)), audio.DecodeOptions{Limits: limits})
			require.ErrorIs(t, err, quintet.ErrInput, "%s, %+v", name, limits)
		}
	}
}
