package audio_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio"
)

// stereo is a clip whose samples tell their place: frame i has i and -i.
func stereo(rate, frames int) audio.Clip {
	c := audio.Clip{ID: "s", Rate: rate, Channels: 2}
	for i := range frames {
		c.Samples = append(c.Samples, float32(i), float32(-i))
	}
	return c
}

func TestDuration(t *testing.T) {
	tests := map[string]struct {
		clip audio.Clip
		want time.Duration
	}{
		"no samples":            {audio.Clip{Rate: 8000, Channels: 1}, 0},
		"two channels":          {stereo(1000, 1500), 1500 * time.Millisecond},
		"a third of a second":   {stereo(3, 1), 333333333 * time.Nanosecond},
		"no rate":               {audio.Clip{Channels: 1, Samples: make([]float32, 5)}, 0},
		"no channel":            {audio.Clip{Rate: 8000, Samples: make([]float32, 5)}, 0},
		"half a frame too much": {audio.Clip{Rate: 1, Channels: 2, Samples: make([]float32, 5)}, 2 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, tt.clip.Duration())
		})
	}
}

func TestSlice(t *testing.T) {
	c := stereo(10, 10) // a frame every 100 ms
	tests := map[string]struct {
		from, to time.Duration
		want     []float32
	}{
		"inside":                    {200 * time.Millisecond, 400 * time.Millisecond, []float32{2, -2, 3, -3}},
		"rounded to frames":         {249 * time.Millisecond, 351 * time.Millisecond, []float32{2, -2, 3, -3}},
		"from before the beginning": {-time.Hour, 100 * time.Millisecond, []float32{0, 0}},
		"to beyond the end":         {900 * time.Millisecond, time.Hour, []float32{9, -9}},
		"upside down":               {time.Second, 0, []float32{}},
		"behind the end":            {time.Hour, 2 * time.Hour, []float32{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := c.Slice(tt.from, tt.to)
			require.Equal(t, tt.want, got.Samples)
			require.Equal(t, "s", got.ID)
		})
	}
	part := c.Slice(0, 100*time.Millisecond)
	_ = append(part.Samples, 99)
	require.Equal(t, float32(1), c.Samples[2], "appending to a slice overwrote the clip")
	require.Empty(t, audio.Clip{}.Slice(0, time.Second).Samples)
}

func TestMono(t *testing.T) {
	c := audio.Clip{ID: "c", Rate: 8000, Channels: 3, Samples: []float32{1, 2, 3, -1, 0, 0.5}}
	require.Equal(t, audio.Clip{ID: "c", Rate: 8000, Channels: 1, Samples: []float32{2, -0.5 / 3}}, c.Mono())
	require.Equal(t, []float32{1, 2, 3, -1, 0, 0.5}, c.Samples)

	one := audio.Clip{Rate: 8000, Channels: 1, Samples: []float32{1}}
	require.Equal(t, one, one.Mono())
	require.Equal(t, audio.Clip{}, audio.Clip{}.Mono())

	loud := audio.Clip{Rate: 1, Channels: 3, Samples: []float32{math.MaxFloat32, math.MaxFloat32, -math.MaxFloat32}}
	require.InEpsilon(t, math.MaxFloat32/3, loud.Mono().Samples[0], 1e-6)
}
