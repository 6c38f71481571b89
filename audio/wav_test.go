package audio_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
)

// wav is a WAV file in pieces, each of which can lie.
type wav struct {
	riff, data      uint32 // size fields
	codec, channels uint16
	rate            uint32
	frame, bits     uint16
	extra           []byte // of the fmt chunk
	body            []byte // of the data chunk
}

// honest is a mono file of 16 bits.
func honest(samples ...int16) wav {
	body, _ := binary.Append(nil, binary.LittleEndian, samples)
	n := uint32(len(body))
	return wav{riff: 36 + n, data: n, codec: 1, channels: 1, rate: 8000, frame: 2, bits: 16, body: body}
}

func (w wav) bytes() []byte {
	b := w.head()
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), w.data)
	return append(b, w.body...)
}

// head is the file up to the end of the fmt chunk.
func (w wav) head() []byte {
	le := binary.LittleEndian
	b := append(le.AppendUint32([]byte("RIFF"), w.riff), "WAVE"...)
	b = le.AppendUint32(append(b, "fmt "...), uint32(16+len(w.extra)))
	b = le.AppendUint16(le.AppendUint16(b, w.codec), w.channels)
	b = le.AppendUint32(le.AppendUint32(b, w.rate), w.rate*uint32(w.frame))
	b = le.AppendUint16(le.AppendUint16(b, w.frame), w.bits)
	return append(b, w.extra...)
}

// with returns w after a change.
func (w wav) with(change func(w *wav)) wav {
	change(&w)
	return w
}

// Each file lies in its own way. What is there is decoded, and no more memory is
// taken than the file justifies.
func TestSizesAreOnlyClaims(t *testing.T) {
	w := honest(100, -200, 300)
	sizes := func(riff, data uint32) []byte {
		return w.with(func(w *wav) { w.riff, w.data = riff, data }).bytes()
	}
	want := []float32{100.0 / 32768, -200.0 / 32768, 300.0 / 32768}
	list := append([]byte("LIST\x04\x00\x00\x00"), "INFO"...)
	tests := map[string]struct {
		file      []byte
		want      []float32
		truncated bool
	}{
		"an honest file":                       {w.bytes(), want, false},
		"data size 0 and RIFF size 0":          {sizes(0, 0), want, false},
		"data size 0 and RIFF size of a head":  {sizes(36, 0), want, false},
		"both sizes the largest":               {sizes(math.MaxUint32, math.MaxUint32), want, false},
		"data size the largest":                {sizes(42, math.MaxUint32), want, false},
		"data size of a pipe of SoX":           {sizes(0x7ffff024, 0x7ffff000), want, false},
		"data size 0 with a chunk behind":      {append(sizes(48, 0)[:44], list...), []float32{}, false},
		"a chunk behind the data":              {append(sizes(54, 6), list...), want, false},
		"data size beyond the file":            {sizes(1<<30, 1<<30), want, true},
		"RIFF size beyond the file":            {sizes(1<<30, 6), want, false},
		"RIFF size too small":                  {sizes(1, 6), want, false},
		"cut between frames":                   {w.bytes()[:44+4], want[:2], true},
		"cut inside a frame":                   {w.bytes()[:44+3], want[:1], true},
		"cut behind the header":                {w.bytes()[:44], []float32{}, true},
		"a size that is no whole frame":        {sizes(42, 5), want[:2], false},
		"no samples":                           {honest().bytes(), []float32{}, false},
		"bytes behind the end are not decoded": {append(w.bytes(), 1, 2, 3, 4), want, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for kind, r := range map[string]io.Reader{
				"a reader that knows its length": bytes.NewReader(tt.file),
				"a stream":                       iotest.OneByteReader(bytes.NewReader(tt.file)),
			} {
				clip, info, err := audio.Decode(r, audio.DecodeOptions{ID: "x"})
				require.NoError(t, err, kind)
				require.Equal(t, audio.Clip{ID: "x", Rate: 8000, Channels: 1, Samples: tt.want}, clip, kind)
				require.Equal(t, audio.Info{Format: audio.WAV, Encoding: audio.PCM16, Truncated: tt.truncated}, info, kind)
			}
		})
	}
}

func TestBadWAVIsRefused(t *testing.T) {
	bad, unsupported := quintet.ErrInput, quintet.ErrUnsupported
	w := honest(1, 2, 3)
	head := func(more string) []byte { return append(w.head(), more...) }
	edited := func(change func(w *wav)) []byte { return w.with(change).bytes() }
	extensible := func(extra string) []byte {
		return edited(func(w *wav) { w.codec, w.extra = 0xfffe, []byte(extra) })
	}
	const foreign = "\x01\x00\x00\x00\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x00"
	tests := map[string]struct {
		file  []byte
		cause error
		text  string
	}{
		"no data at all":          {nil, bad, "no data"},
		"only the name":           {[]byte("RIFF"), bad, `unknown format, begins with "RIFF"`},
		"only the header":         {w.bytes()[:12], bad, "no data chunk"},
		"no data chunk":           {head(""), bad, "no data chunk"},
		"cut in a chunk's header": {head("dat"), bad, "no data chunk"},
		"a chunk longer than all": {head("LIST\xf0\xff\xff\xff"), bad, "no data chunk"},
		"data before fmt":         {append(w.bytes()[:12], w.bytes()[36:]...), bad, "no fmt chunk before the data"},
		"cut in the fmt chunk":    {w.bytes()[:30], bad, "fmt chunk has 10 bytes, must have 16"},
		"no channel": {edited(func(w *wav) { w.channels, w.frame = 0, 0 }), bad,
			"0 channels, must be from 1 to 64"},
		"65535 channels": {edited(func(w *wav) { w.channels = 65535 }), bad,
			"65535 channels, must be from 1 to 64"},
		"rate 0": {edited(func(w *wav) { w.rate = 0 }), bad,
			"rate is 0 Hz, must be from 1 to 768000"},
		"a rate of 4 GHz": {edited(func(w *wav) { w.rate = math.MaxUint32 }), bad,
			"rate is 4294967295 Hz, must be from 1 to 768000"},
		"a frame of other size": {edited(func(w *wav) { w.frame = 3 }), bad,
			"a frame of 1 times pcm16 has 3 bytes"},
		"samples of 0 bits": {edited(func(w *wav) { w.bits = 0 }), bad,
			"WAV codec 0x1 with samples of 0 bits"},
		"samples of 12 bits": {edited(func(w *wav) { w.bits = 12 }), unsupported,
			"WAV codec 0x1 with samples of 12 bits"},
		"floats of 16 bits": {edited(func(w *wav) { w.codec = 3 }), unsupported,
			"WAV codec 0x3 with samples of 16 bits"},
		"ADPCM": {edited(func(w *wav) { w.codec, w.bits = 0x11, 4 }), unsupported,
			"WAV codec 0x11 with samples of 4 bits"},
		"a short extensible fmt": {extensible("1234567890"), bad,
			"extensible fmt chunk has 26 bytes, must have 40"},
		"a foreign sub-format": {extensible("\x16\x00\x10\x00\x00\x00\x00\x00" + foreign), unsupported,
			"WAV sub-format 010000002107d3118644c8c1ca000000"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			clip, _, err := audio.Decode(bytes.NewReader(tt.file), audio.DecodeOptions{})
			require.ErrorIs(t, err, tt.cause)
			require.EqualError(t, err, "audio: "+tt.text+": "+tt.cause.Error())
			require.Zero(t, clip)
		})
	}
}

func TestExtensibleLooksAtItsSubFormat(t *testing.T) {
	guid := func(codec byte) []byte {
		return append([]byte{22, 0, 32, 0, 0, 0, 0, 0, codec}, "\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"...)
	}
	body := binary.LittleEndian.AppendUint32(nil, math.Float32bits(0.5))
	w := wav{data: 4, codec: 0xfffe, channels: 1, rate: 8000, frame: 4, bits: 32, body: body}
	clip, info := decode(t, w.with(func(w *wav) { w.extra = guid(3) }).bytes())
	require.Equal(t, audio.Float32, info.Encoding)
	require.Equal(t, []float32{0.5}, clip.Samples)
	clip, info = decode(t, w.with(func(w *wav) { w.extra = guid(1) }).bytes())
	require.Equal(t, audio.PCM32, info.Encoding)
	require.Equal(t, float32(0x3f000000)/(1<<31), clip.Samples[0])
}

func TestChunksAreSkipped(t *testing.T) {
	w := honest(7)
	data := []byte("data\x02\x00\x00\x00\x07\x00")
	for name, chunk := range map[string]string{
		"even":                "LIST\x04\x00\x00\x00abcd",
		"odd, padded":         "note\x03\x00\x00\x00abc\x00",
		"odd, padding forgot": "note\x03\x00\x00\x00abc",
		"empty":               "JUNK\x00\x00\x00\x00",
		"a second fmt":        "fmt \x10\x00\x00\x00\x03\x00\x09\x00AAAABBBB\x01\x00\x07\x00",
	} {
		t.Run(name, func(t *testing.T) {
			file := append(append(w.head(), chunk...), data...)
			clip, info := decode(t, file)
			require.Equal(t, []float32{7.0 / 32768}, clip.Samples)
			require.Equal(t, audio.PCM16, info.Encoding)
		})
	}
}

// The checksums are those of the samples of all codes, as 16-bit integers, that
// Python's audioop makes.
func TestLogarithmicCodes(t *testing.T) {
	codes := make([]byte, 256)
	for i := range codes {
		codes[i] = byte(i)
	}
	tests := map[string]struct {
		codec    uint16
		checksum uint32
		want     map[byte]float32 // some, on the scale of 16 bits
	}{
		"A-law":  {6, 2641774167, map[byte]float32{0x55: -8, 0xd5: 8, 0x80: 5504, 0xaa: 32256, 0x2a: -32256}},
		"mu-law": {7, 210008735, map[byte]float32{0: -32124, 0x80: 32124, 0x7f: 0, 0xff: 0, 0x55: -716, 0xaa: 5372}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := wav{data: 256, codec: tt.codec, channels: 1, rate: 8000, frame: 1, bits: 8, body: codes}
			clip, _ := decode(t, w.bytes())
			var all []byte
			for code, v := range clip.Samples {
				if want, ok := tt.want[byte(code)]; ok {
					require.Equal(t, want/32768, v, "code %#x", code)
				}
				all = binary.LittleEndian.AppendUint16(all, uint16(int16(v*32768)))
			}
			require.Equal(t, tt.checksum, crc32.ChecksumIEEE(all))
		})
	}
}
