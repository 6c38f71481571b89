package vorbis_test

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/vorbis"
)

// requireSound fails unless samples are whole frames without NaN.
func requireSound(t testing.TB, h vorbis.Head, out []float32) {
	t.Helper()
	require.Zero(t, len(out)%h.Channels)
	for i, v := range out {
		if math.IsNaN(float64(v)) {
			t.Fatalf("sample %d is %v", i, v)
		}
	}
}

func TestPacketsOfEncodersGiveSound(t *testing.T) {
	for _, name := range files {
		all := packets(t, name)
		d, h := open(t, all)
		loudest := float32(0)
		for i, p := range all[3:] {
			out, err := d.Decode(p)
			require.NoError(t, err)
			require.Equal(t, i == 0, len(out) == 0, "%s, packet %d", name, i)
			requireSound(t, h, out)
			for _, v := range out {
				loudest = max(loudest, v)
			}
		}
		require.InDelta(t, 0.5, loudest, 0.4, name)
	}
}

func TestDecodeMakesNoGarbage(t *testing.T) {
	for _, name := range files {
		all := packets(t, name)
		d, _ := open(t, all)
		require.Zero(t, testing.AllocsPerRun(5, func() {
			for _, p := range all[3:] {
				if _, err := d.Decode(p); err != nil {
					panic(err)
				}
			}
		}), name)
	}
}

func TestAfterSkipTheNextPacketBeginsAnew(t *testing.T) {
	all := packets(t, "stereo.ogg")
	d, _ := open(t, all)
	for range 2 {
		out, err := d.Decode(all[3])
		require.NoError(t, err)
		require.Empty(t, out)
		out, err = d.Decode(all[4])
		require.NoError(t, err)
		require.NotEmpty(t, out)
		d.Skip()
	}
}

func TestPacketsWithoutSoundAreRefused(t *testing.T) {
	all := packets(t, "mono.ogg")
	d, _ := open(t, all)
	for name, p := range map[string][]byte{"empty": {}, "header": all[0], "comment": all[1]} {
		t.Run(name, func(t *testing.T) {
			_, err := d.Decode(p)
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
}

// A packet may end anywhere: what is missing has no sound.
func TestPacketsMayEndEarly(t *testing.T) {
	for _, name := range files {
		all := packets(t, name)
		d, h := open(t, all)
		whole, err := d.Decode(all[3])
		require.NoError(t, err)
		require.Empty(t, whole)
		whole, err = d.Decode(all[4])
		require.NoError(t, err)
		length := len(whole)
		for n := 1; n < len(all[4]); n++ {
			d.Skip()
			_, err := d.Decode(all[3])
			require.NoError(t, err)
			out, err := d.Decode(all[4][:n])
			require.NoError(t, err)
			require.Len(t, out, length)
			requireSound(t, h, out)
		}
	}
}

func TestBitsOfAStreamMayBeFlipped(t *testing.T) {
	for _, name := range files {
		all := packets(t, name)
		h, err := vorbis.ParseHead(all[0])
		require.NoError(t, err)
		for i := 0; i < len(all[2]); i += 97 {
			setup := bytes.Clone(all[2])
			setup[i] ^= 1 << (i % 8)
			d, err := vorbis.New(h, setup)
			if err != nil {
				if !bytes.Contains([]byte(err.Error()), []byte("type 0")) {
					require.ErrorIs(t, err, quintet.ErrInput)
				}
				continue
			}
			for _, p := range all[3:5] {
				_, err := d.Decode(p)
				require.NoError(t, err)
			}
		}
		d, _ := open(t, all)
		for i := range all[4] {
			p := bytes.Clone(all[4])
			p[i] ^= 1 << (i % 8)
			if out, err := d.Decode(p); err == nil {
				requireSound(t, h, out)
			} else {
				require.ErrorIs(t, err, quintet.ErrInput)
			}
		}
	}
}

func TestHeadsThatMakeNoSenseAreRefused(t *testing.T) {
	good := packets(t, "mono.ogg")[0]
	for name, tt := range map[string]struct {
		at    int
		value byte
		cause error
	}{
		"no mark":              {0, 3, quintet.ErrInput},
		"another version":      {7, 1, quintet.ErrUnsupported},
		"no channel":           {11, 0, quintet.ErrInput},
		"short blocks of 32":   {28, 0xb5, quintet.ErrInput},
		"long blocks of 16384": {28, 0xe8, quintet.ErrInput},
		"short beyond long":    {28, 0x89, quintet.ErrInput},
		"no end":               {29, 0, quintet.ErrInput},
	} {
		t.Run(name, func(t *testing.T) {
			p := bytes.Clone(good)
			p[tt.at] = tt.value
			_, err := vorbis.ParseHead(p)
			require.ErrorIs(t, err, tt.cause)
		})
	}
	_, err := vorbis.ParseHead(good[:29])
	require.ErrorIs(t, err, quintet.ErrInput)
}

// FuzzVorbis holds a decoder against its promises for any setup and any packet: an error
// with a cause, or whole frames; no panic.
func FuzzVorbis(f *testing.F) {
	for _, name := range files {
		all := packets(f, name)
		f.Add(all[0], all[2], all[3], all[4])
	}
	f.Fuzz(func(t *testing.T, first, third, a, b []byte) {
		h, err := vorbis.ParseHead(first)
		if err != nil || h.Channels > 8 {
			return
		}
		d, err := vorbis.New(h, third)
		if err != nil {
			return
		}
		for _, p := range slices.Repeat([][]byte{a, b}, 2) {
			out, err := d.Decode(p)
			if err == nil && len(out)%h.Channels != 0 {
				t.Fatalf("%d samples of %d channels", len(out), h.Channels)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range files {
		b.Run("file="+name, func(b *testing.B) {
			all := packets(b, name)
			d, h := open(b, all)
			frames := 0
			b.ReportAllocs()
			for b.Loop() {
				for _, p := range all[3:] {
					out, err := d.Decode(p)
					require.NoError(b, err)
					frames += len(out) / h.Channels
				}
			}
			b.ReportMetric(float64(frames)/float64(h.Rate)/b.Elapsed().Seconds(), "x-real-time")
		})
	}
}
