package plot_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/plot"
	"github.com/quintet-ai/quintet/internal/synth"
)

type drawer = func(w io.Writer, c audio.Clip, o plot.Options) error

var drawers = map[string]drawer{"waveform": plot.WriteWaveform, "spectrogram": plot.WriteSpectrogram}

func picture(t *testing.T, draw drawer, c audio.Clip, o plot.Options) image.Image {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, draw(&b, c, o))
	m, err := png.Decode(&b)
	require.NoError(t, err)
	return m
}

func tone(hz, amplitude float64) audio.Clip {
	return audio.Clip{Rate: 16000, Channels: 1, Samples: synth.Tone(16000, 16000, hz, amplitude)}
}

// count returns how many pixels of column x have a colour.
func count(m image.Image, x int, c color.RGBA) (n int) {
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		if color.RGBAModel.Convert(m.At(x, y)) == c {
			n++
		}
	}
	return n
}

func TestEveryClipIsDrawn(t *testing.T) {
	clips := map[string]audio.Clip{
		"nothing":         {Rate: 8000, Channels: 1},
		"one sample":      {Rate: 8000, Channels: 1, Samples: []float32{1}},
		"silence":         {Rate: 8000, Channels: 2, Samples: make([]float32, 8000)},
		"a rate of 1 Hz":  {Rate: 1, Channels: 1, Samples: make([]float32, 100)},
		"the highest":     {Rate: audio.MaxRate, Channels: 1, Samples: synth.Noise(1, 10_000, 1)},
		"64 channels":     {Rate: 8000, Channels: 64, Samples: synth.Noise(1, 64*1000, 1)},
		"beyond all":      {Rate: 8000, Channels: 1, Samples: []float32{math.MaxFloat32, -math.MaxFloat32, 0, 0}},
		"as soft as none": {Rate: 8000, Channels: 1, Samples: []float32{math.SmallestNonzeroFloat32, 0, 0, 0}},
	}
	for name, clip := range clips {
		for kind, draw := range drawers {
			t.Run(name+"/"+kind, func(t *testing.T) {
				m := picture(t, draw, clip, plot.Options{Speech: []audio.Segment{{Start: -5, End: time.Hour}}})
				require.Equal(t, image.Rect(0, 0, 1200, 360), m.Bounds())
				m = picture(t, draw, clip, plot.Options{Width: 200, Height: 200, Title: "smallest"})
				require.Equal(t, image.Rect(0, 0, 200, 200), m.Bounds())
			})
		}
	}
}

func TestBadInput(t *testing.T) {
	for _, draw := range drawers {
		require.ErrorIs(t, draw(io.Discard, audio.Clip{}, plot.Options{}), quintet.ErrInput)
		nan := audio.Clip{Rate: 8000, Channels: 1, Samples: []float32{float32(math.NaN())}}
		require.EqualError(t, draw(io.Discard, nan, plot.Options{}), "plot: audio: sample 0 is NaN: invalid input")
		require.ErrorIs(t, draw(io.Discard, tone(440, 1), plot.Options{Width: 199}), quintet.ErrOption)
		require.ErrorIs(t, draw(io.Discard, tone(440, 1), plot.Options{Height: 8193}), quintet.ErrOption)
		full := errors.New("disk full")
		require.ErrorIs(t, draw(failing{full}, tone(440, 1), plot.Options{}), full)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// The dark part of a sine reaches to 1/√2 of the pale one, which reaches to its
// amplitude.
func TestWaveformHasTheHeightOfTheSound(t *testing.T) {
	pale, dark := color.RGBA{R: 128, G: 164, B: 214, A: 255}, color.RGBA{R: 30, G: 82, B: 156, A: 255}
	for amplitude, share := range map[float64]float64{1: 1, 0.4: 0.8, 0.1: 1, 2: 1} {
		m := picture(t, plot.WriteWaveform, tone(1000, amplitude), plot.Options{Height: 400})
		frame := 400.0 - 16 - 32
		n := float64(count(m, 600, pale) + count(m, 600, dark))
		require.InDelta(t, share, n/frame, 0.02, amplitude)
		require.InDelta(t, math.Sqrt2/2, float64(count(m, 600, dark))/n, 0.02, amplitude)
	}
}

func TestSpeechIsMarked(t *testing.T) {
	half := plot.Options{Speech: []audio.Segment{{Start: 500 * time.Millisecond, End: 750 * time.Millisecond}}}
	quiet := audio.Clip{Rate: 16000, Channels: 1, Samples: make([]float32, 16000)}
	shade := color.RGBA{R: 255, G: 240, B: 205, A: 255}
	m := picture(t, plot.WriteWaveform, quiet, half)
	for x, want := range map[int]bool{300: false, 700: true, 1000: false} {
		require.Equal(t, want, count(m, x, shade) > 300, x)
	}
	m = picture(t, plot.WriteSpectrogram, tone(440, 1), half)
	for x, want := range map[int]bool{300: false, 700: true, 1000: false} {
		require.Equal(t, want, m.At(x, 326) == color.RGBA{R: 255, G: 255, B: 255, A: 255}, x)
	}
}

// The brightest row of a tone is where its frequency is on the mel scale.
func TestSpectrogramHasToneAtItsFrequency(t *testing.T) {
	for hz, share := range map[float64]float64{1000: 15 / 45.2456, 4000: 35.163 / 45.2456} {
		m := picture(t, plot.WriteSpectrogram, tone(hz, 0.5), plot.Options{Height: 648})
		brightest, row := 0, 0
		for y := 17; y < 615; y++ {
			c := color.GrayModel.Convert(m.At(500, y)).(color.Gray)
			if int(c.Y) > brightest {
				brightest, row = int(c.Y), y
			}
		}
		require.InDelta(t, share, (616-float64(row))/600, 0.015, hz)
		require.Greater(t, brightest, 200)
	}
}

// Equal steps of the value are about equal steps of what the eye sees: the cube root of
// luminance.
func TestColoursRiseEvenly(t *testing.T) {
	linear := func(v uint8) float64 {
		if x := float64(v) / 255; x > 0.04045 {
			return math.Pow((x+0.055)/1.055, 2.4)
		}
		return float64(v) / 255 / 12.92
	}
	lightness := func(v float64) float64 {
		c := plot.Heat(v)
		return math.Cbrt(0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B))
	}
	const steps = 32
	before := lightness(0)
	require.Less(t, before, 0.2)
	for i := 1; i <= steps; i++ {
		now := lightness(float64(i) / steps)
		require.InDelta(t, 0.85/steps, now-before, 0.6*0.85/steps, i)
		before = now
	}
	require.Greater(t, before, 0.95)
	require.Equal(t, plot.Heat(0), plot.Heat(-1))
	require.Equal(t, plot.Heat(1), plot.Heat(2))
}

func TestTimeHasRoundLabels(t *testing.T) {
	tests := map[string]struct {
		length time.Duration
		want   []string
	}{
		"nothing":      {0, []string{"0 µs"}},
		"microseconds": {250 * time.Microsecond, []string{"0 µs", "100 µs", "200 µs"}},
		"milliseconds": {500 * time.Millisecond, []string{"0 ms", "200 ms", "400 ms"}},
		"two seconds":  {2 * time.Second, []string{"0 ms", "500 ms", "1 s", "1.5 s", "2 s"}},
		"a minute":     {time.Minute, []string{"0:00", "0:15", "0:30", "0:45", "1:00"}},
		"two hours":    {2 * time.Hour, []string{"0:00", "30:00", "1:00:00", "1:30:00", "2:00:00"}},
		"a week":       {100 * time.Hour, []string{"0:00", "50:00:00", "100:00:00"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, plot.Labels(tt.length, 400))
		})
	}
	require.NotEmpty(t, plot.Labels(1<<62, 400))
}

func ExampleWriteWaveform() {
	var picture bytes.Buffer
	clip := audio.Clip{Rate: 16000, Channels: 1, Samples: make([]float32, 16000)}
	if err := plot.WriteWaveform(&picture, clip, plot.Options{Width: 800}); err != nil {
		fmt.Println(err)
		return
	}
	m, err := png.DecodeConfig(&picture)
	fmt.Println(m.Width, m.Height, err)
	// Output: 800 360 <nil>
}

func ExampleWriteSpectrogram() {
	var picture bytes.Buffer
	clip := audio.Clip{Rate: 16000, Channels: 1, Samples: make([]float32, 16000)}
	if err := plot.WriteSpectrogram(&picture, clip, plot.Options{}); err != nil {
		fmt.Println(err)
		return
	}
	m, err := png.DecodeConfig(&picture)
	fmt.Println(m.Width, m.Height, err)
	// Output: 1200 360 <nil>
}
