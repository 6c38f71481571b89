package audio_test

import (
	"bytes"
	"io"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
)

func TestLimits(t *testing.T) {
	w := wav{codec: 1, channels: 2, rate: 1000, frame: 4, bits: 16} // 4 s
	w.data, w.body = 16000, make([]byte, 16000)
	const tooMany = "audio: more than 3999 frames of 2 channels at 1000 Hz: invalid input"
	tests := map[string]struct {
		limits audio.Limits
		text   string // "" if accepted
	}{
		"exactly the duration": {audio.Limits{MaxDuration: 4 * time.Second}, ""},
		"too long":             {audio.Limits{MaxDuration: 3999 * time.Millisecond}, tooMany},
		"exactly the channels": {audio.Limits{MaxChannels: 2}, ""},
		"too many channels":    {audio.Limits{MaxChannels: 1}, "audio: 2 channels, must be from 1 to 1: invalid input"},
		"exactly the rate":     {audio.Limits{MaxRate: 1000}, ""},
		"too fast":             {audio.Limits{MaxRate: 999}, "audio: rate is 1000 Hz, must be from 1 to 999: invalid input"},
		"exactly the memory":   {audio.Limits{MaxBytes: 32000}, ""},
		"too much memory":      {audio.Limits{MaxBytes: 31999}, tooMany},
		"too many bytes":       {audio.Limits{MaxBytes: 40}, "audio: more bytes than Limits.MaxBytes: invalid input"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := audio.Decode(bytes.NewReader(w.bytes()), audio.DecodeOptions{Limits: tt.limits})
			if tt.text == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, quintet.ErrInput)
			require.EqualError(t, err, tt.text)
		})
	}
	for name, limits := range map[string]audio.Limits{
		"negative duration": {MaxDuration: -1},
		"negative channels": {MaxChannels: -1},
		"negative rate":     {MaxRate: -1},
		"negative bytes":    {MaxBytes: -1},
		"rate beyond ours":  {MaxRate: audio.MaxRate + 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := audio.Decode(bytes.NewReader(w.bytes()), audio.DecodeOptions{Limits: limits})
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

func TestBytesBeforeTheDataCountToo(t *testing.T) {
	file := append(honest(1).head(), "JUNK\xff\xff\xff\x7f"...)
	r := io.MultiReader(bytes.NewReader(file), zeros{})
	_, _, err := audio.Decode(r, audio.DecodeOptions{Limits: audio.Limits{MaxBytes: 1 << 20}})
	require.ErrorIs(t, err, quintet.ErrInput)
	require.EqualError(t, err, "audio: more bytes than Limits.MaxBytes: invalid input")
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func TestAnEndlessStreamMeetsItsLimit(t *testing.T) {
	w := honest().with(func(w *wav) { w.data = math.MaxUint32 })
	_, _, err := audio.Decode(io.MultiReader(bytes.NewReader(w.bytes()), zeros{}), audio.DecodeOptions{
		Limits: audio.Limits{MaxDuration: time.Minute},
	})
	require.EqualError(t, err, "audio: more than 480000 frames of 1 channels at 8000 Hz: invalid input")
}

// decodeAny decodes a file that may be bad.
func decodeAny(b []byte) {
	_, _, _ = audio.Decode(bytes.NewReader(b), audio.DecodeOptions{})
}

// A header that lies about its size costs the buffers and nothing more.
func TestMemoryGrowsWithTheBytesRead(t *testing.T) {
	allocated := func(f func()) int64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		return int64(after.TotalAlloc - before.TotalAlloc)
	}
	const buffers = 300_000
	const huge = "\xff\xff\xff\xff\xff\xff\xff\x7f"
	rf64 := []byte("RF64\xff\xff\xff\xffWAVEds64\x10\x00\x00\x00" + huge + huge)
	rf64 = append(rf64, honest(1).with(func(w *wav) { w.data = math.MaxUint32 }).bytes()[12:]...)
	wide := honest().with(func(w *wav) { w.channels, w.frame, w.data = 64, 128, 2e9 })
	for name, file := range map[string][]byte{
		"2 GB claimed":             honest(1, 2).with(func(w *wav) { w.data = 2e9 }).bytes(),
		"4 GB claimed":             honest(1, 2).with(func(w *wav) { w.data = math.MaxUint32 - 1 }).bytes(),
		"64 channels":              wide.bytes(),
		"a fmt chunk of 4 GB":      append([]byte("RIFF\x00\x00\x00\x00WAVE"), "fmt \xff\xff\xff\xff"...),
		"an unknown chunk of 4 GB": append(honest(1).head(), "junk\xff\xff\xff\xff"...),
		"8 EB claimed in RF64":     rf64,
	} {
		t.Run(name, func(t *testing.T) {
			require.Less(t, allocated(func() { decodeAny(file) }), int64(buffers))
		})
	}
	t.Run("a long stream", func(t *testing.T) {
		w := honest(make([]int16, 1<<20)...)
		file := w.bytes()
		const samples = 4 << 20 // bytes
		used := allocated(func() {
			clip, _, err := audio.Decode(struct{ io.Reader }{bytes.NewReader(file)}, audio.DecodeOptions{})
			require.NoError(t, err)
			require.LessOrEqual(t, cap(clip.Samples), samples/4*4/3, "memory is held for nothing")
		})
		require.Less(t, used, int64(4*samples))
	})
	t.Run("a reader that knows its length", func(t *testing.T) {
		w := honest(make([]int16, 1<<20)...)
		file := w.bytes()
		require.Less(t, allocated(func() { decodeAny(file) }), int64(4<<20+buffers))
	})
}
