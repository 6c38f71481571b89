package mp3_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/mp3"
)

var files = []string{
	"joint-48.mp3", "stereo-44.mp3", "joint-32.mp3", "checked-44.mp3", "mono-24.mp3", "joint-24.mp3", "stereo-22.mp3",
	"joint-16.mp3", "mono-12.mp3", "joint-11.mp3", "stereo-8.mp3", "mono-8.mp3", "direction-44.mp3", "direction-48.mp3",
}

// requireSound fails unless a frame gave what Decode promises.
func requireSound(t testing.TB, h mp3.Header, out []float32) {
	t.Helper()
	require.Len(t, out, h.Frames()*h.Channels)
	for i, v := range out {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			t.Fatalf("sample %d is %v", i, v)
		}
	}
}

// At low rates the first frame that LAME writes behind its tag wants bits from before.
func TestFramesOfEncodersAreWhole(t *testing.T) {
	for _, name := range files {
		var d mp3.Decoder
		for i, f := range frames(file(t, name))[1:] {
			out, whole := d.Decode(nil, f.header, f.data)
			require.True(t, whole || i == 0 && f.header.Version > 1, "%s, frame %d", name, i)
			requireSound(t, f.header, out)
		}
	}
}

func TestDecodeAppendsAndMakesNoGarbage(t *testing.T) {
	all := frames(file(t, "joint-32.mp3"))[1:]
	var d mp3.Decoder
	buf := make([]float32, 1, 2*1152+1)
	buf[0] = 7
	require.Zero(t, testing.AllocsPerRun(5, func() {
		for _, f := range all {
			out, _ := d.Decode(buf, f.header, f.data)
			if out[0] != 7 || len(out) != cap(buf) {
				panic("not appended")
			}
		}
	}))
}

// A frame that wants bits that are not there is silent, and so is all before the bits
// of frames that come later are whole.
func TestAFrameWithoutTheBitsBeforeItIsSilent(t *testing.T) {
	p := part{bits: 300, pairs: 30, gain: 190, tables: [3]int{1, 1, 1}}
	main := bytes.Repeat([]byte{0xa5}, 200)
	b := build(1, plainMode, 10, [2]part{p, p}, main)
	h, ok := mp3.ParseHeader(b)
	require.True(t, ok)
	var d mp3.Decoder
	out, whole := d.Decode(nil, h, b)
	require.False(t, whole)
	require.Equal(t, make([]float32, len(out)), out)
	out, whole = d.Decode(nil, h, b)
	require.True(t, whole)
	require.NotEqual(t, make([]float32, len(out)), out)
	d.Skip()
	_, whole = d.Decode(nil, h, b)
	require.False(t, whole)
}

func TestSideInformationThatMakesNoSenseIsSilence(t *testing.T) {
	good := part{bits: 300, pairs: 30, gain: 190, tables: [3]int{1, 1, 1}}
	for name, bad := range map[string]func(*part){
		"more pairs than lines":      func(p *part) { p.pairs = 289 },
		"as many pairs as bits say":  func(p *part) { p.pairs = 511 },
		"more bits than the frame":   func(p *part) { p.bits = 4095 },
		"reserved table":             func(p *part) { p.tables[1] = 4 },
		"other reserved table":       func(p *part) { p.tables[2] = 14 },
		"normal block in a switch":   func(p *part) { p.switched = true },
		"scale factors without bits": func(p *part) { p.bits, p.pairs, p.scaleCode = 3, 0, 15 },
		"pairs without bits":         func(p *part) { p.bits = 20 },
	} {
		t.Run(name, func(t *testing.T) {
			for version := 1; version <= 2; version++ {
				p := good
				bad(&p)
				if version == 2 && p.scaleCode != 0 {
					p.scaleCode = 399
				}
				b := build(version, plainMode, 0, [2]part{good, p}, bytes.Repeat([]byte{0x5a}, 250))
				h, _ := mp3.ParseHeader(b)
				var d mp3.Decoder
				out, whole := d.Decode(nil, h, b)
				require.False(t, whole)
				require.Equal(t, make([]float32, h.Frames()*h.Channels), out)
			}
		})
	}
}

// The loudest numbers that there are stay finite.
func TestTheLoudestFrameIsFinite(t *testing.T) {
	p := part{bits: 1400, pairs: 288, gain: 255, tables: [3]int{31, 31, 31}}
	for _, mode := range []int{plainMode, 0x60, directedMode, bothMode} {
		for seed := range uint64(20) {
			random := rand.New(rand.NewPCG(seed, 1))
			main := make([]byte, 360)
			for i := range main {
				main[i] = byte(random.Uint32() | random.Uint32())
			}
			p.pairs = 1 + random.IntN(40)
			b := build(1, mode, 0, [2]part{p, p}, main)
			h, _ := mp3.ParseHeader(b)
			var d mp3.Decoder
			for range 3 {
				out, _ := d.Decode(nil, h, b)
				requireSound(t, h, out)
			}
		}
	}
}

func TestBitsOfAFileMayBeFlipped(t *testing.T) {
	for name, step := range map[string]int{"mono-8.mp3": 1, "direction-48.mp3": 11} {
		b := file(t, name)
		for i := 0; i < len(b); i += step {
			bad := bytes.Clone(b)
			bad[i] ^= 1 << (i % 8)
			var d mp3.Decoder
			for _, f := range frames(bad) {
				out, _ := d.Decode(nil, f.header, f.data)
				requireSound(t, f.header, out)
			}
		}
	}
}

func TestHeadersTellTheSizeOfTheirFrame(t *testing.T) {
	for name, tt := range map[string]struct {
		head string
		want mp3.Header // without what is not exported
		ok   bool
	}{
		"MPEG 1 joint": {
			"\xff\xfb\x90\x64", mp3.Header{Version: 1, Rate: 44100, Channels: 2, Size: 417, Side: 4, SideSize: 32}, true,
		},
		"MPEG 1 mono with a check sum and padding": {
			"\xff\xfa\x92\xc4", mp3.Header{Version: 1, Rate: 44100, Channels: 1, Size: 418, Side: 6, SideSize: 17}, true,
		},
		"MPEG 2": {
			"\xff\xf3\x84\x04", mp3.Header{Version: 2, Rate: 24000, Channels: 2, Size: 192, Side: 4, SideSize: 17}, true,
		},
		"MPEG 2.5": {
			"\xff\xe3\x18\xc4", mp3.Header{Version: 3, Rate: 8000, Channels: 1, Size: 72, Side: 4, SideSize: 9}, true,
		},
		"reserved version": {"\xff\xeb\x90\x64", mp3.Header{}, false},
		"Layer II":         {"\xff\xfd\x90\x64", mp3.Header{}, false},
		"Layer I":          {"\xff\xff\x90\x64", mp3.Header{}, false},
		"free bit rate":    {"\xff\xfb\x00\x64", mp3.Header{}, false},
		"no bit rate":      {"\xff\xfb\xf0\x64", mp3.Header{}, false},
		"no rate":          {"\xff\xfb\x9c\x64", mp3.Header{}, false},
		"three bytes":      {"\xff\xfb\x90", mp3.Header{}, false},
		"no mark":          {"\xff\x1b\x90\x64", mp3.Header{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			h, ok := mp3.ParseHeader([]byte(tt.head))
			require.Equal(t, tt.ok, ok)
			if !ok {
				return
			}
			got := mp3.Header{
				Version: h.Version, Rate: h.Rate, Channels: h.Channels, Size: h.Size, Side: h.Side, SideSize: h.SideSize,
			}
			require.Equal(t, tt.want, got)
			require.True(t, h.Like(h))
		})
	}
}

// FuzzMP3 holds Decode against its promise for whatever stands in frames, in whichever
// order: the length that the header says, finite samples, no panic.
func FuzzMP3(f *testing.F) {
	for _, name := range files {
		f.Add(file(f, name))
	}
	f.Add(build(2, bothMode, 3, [2]part{{bits: 99, switched: true, block: 2, mixed: true}, {bits: 9}}, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var d mp3.Decoder
		for n := 0; len(b) >= mp3.HeaderSize && n < 50; {
			h, ok := mp3.ParseHeader(b)
			if !ok || len(b) < h.Size {
				b = b[1:]
				continue
			}
			out, _ := d.Decode(nil, h, b[:h.Size])
			requireSound(t, h, out)
			b = b[h.Size:]
			n++
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"stereo-44.mp3", "checked-44.mp3", "joint-24.mp3"} {
		b.Run("file="+name, func(b *testing.B) {
			all := frames(file(b, name))[1:]
			var d mp3.Decoder
			out := make([]float32, 0, 2*1152)
			b.ReportAllocs()
			for b.Loop() {
				for _, f := range all {
					out, _ = d.Decode(out[:0], f.header, f.data)
				}
			}
			sound := float64(b.N) * float64(len(all)*all[0].header.Frames()) / float64(all[0].header.Rate)
			b.ReportMetric(sound/b.Elapsed().Seconds(), "x-real-time")
		})
	}
}
