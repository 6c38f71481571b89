package audio

import (
	"context"
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/simd"
)

// maxResampled bounds the samples that Resample makes.
const maxResampled int64 = 1 << 31

// Resample returns the clip at another rate. The new clip has
// ⌈Frames·rate/Rate⌉ frames; frame i is the sound at i/rate seconds, so nothing is
// delayed. Beyond its ends the clip is taken as silent. At its own rate the clip is
// returned as it is, sharing its samples.
//
// The filter is a Kaiser-windowed sinc at exact positions, or, for rates with a
// small common divisor, at 2048 positions per sample with linear interpolation.
// It is flat to 0.001 dB up to 0.87 of half the lower rate, falls by 6 dB at 0.955
// and by more than 115 dB from 1.04 on. Tones in the flat part keep a
// signal-to-noise ratio of more than 120 dB.
//
// The filter table takes at most about 1 MiB whatever the rates are, the time
// is proportional to Frames·max(Rate, rate)/Rate. Errors wrap
// [quintet.ErrOption] for a rate outside 1 to [MaxRate], and [quintet.ErrInput]
// for a clip that is not valid or would have more than 2^31 samples.
func (c Clip) Resample(rate int) (Clip, error) {
	if rate < 1 || rate > MaxRate {
		return Clip{}, fmt.Errorf("audio: resample to %d Hz, must be from 1 to %d: %w",
			rate, MaxRate, quintet.ErrOption)
	}
	if err := c.check(); err != nil {
		return Clip{}, fmt.Errorf("audio: %w", err)
	}
	if err := c.checkFinite(); err != nil {
		return Clip{}, fmt.Errorf("audio: %w", err)
	}
	out, err := c.resample(context.Background(), newResampler(c.Rate, rate))
	if err != nil {
		return Clip{}, fmt.Errorf("audio: %w", err)
	}
	return out, nil
}

// resample is Resample of a valid clip by the resampler from its rate, until ctx
// ends.
func (c Clip) resample(ctx context.Context, r *resampler) (Clip, error) {
	rate := r.to
	if rate == c.Rate {
		return c, nil
	}
	frames := resampledLen(c.Frames(), c.Rate, rate)
	if frames*int64(c.Channels) > maxResampled {
		return Clip{}, fmt.Errorf("%v at %d Hz has more than %d samples: %w",
			c.Duration(), rate, maxResampled, quintet.ErrInput)
	}
	out := make([]float32, int(frames)*c.Channels)
	if len(out) == 0 {
		c.Rate, c.Samples = rate, out
		return c, nil
	}
	in, scale := c.tame()
	x := in
	if c.Channels > 1 {
		x = make([]float32, c.Frames())
	}
	for channel := range c.Channels {
		if c.Channels > 1 {
			for i := range x {
				x[i] = in[i*c.Channels+channel]
			}
		}
		if err := r.run(ctx, out[channel:], c.Channels, x); err != nil {
			return Clip{}, err
		}
	}
	if scale != 1 {
		for i, v := range out {
			out[i] = float32(min(max(float64(v)*scale, -math.MaxFloat32), math.MaxFloat32))
		}
	}
	c.Rate, c.Samples = rate, out
	return c, nil
}

// tame returns the samples divided by scale, a power of 2 that keeps the sums of
// the filter finite. It is 1, and the samples are shared, unless they are far
// beyond anything that can be heard.
func (c Clip) tame() (samples []float32, scale float64) {
	if dsp.Peak(c.Samples) < 1<<100 {
		return c.Samples, 1
	}
	const down = 1.0 / (1 << 28)
	samples = make([]float32, len(c.Samples))
	for i, v := range c.Samples {
		samples[i] = v * down
	}
	return samples, 1 / down
}

// resampledLen returns ⌈n·to/from⌉.
func resampledLen(n, from, to int) int64 {
	return (int64(n)*int64(to) + int64(from) - 1) / int64(from)
}

// resampler changes the rate of one channel by l/m in lowest terms. Output i lies
// at i·m/l input samples: between two of them, at one of l fractions.
//
// It is immutable and safe for concurrent use.
type resampler struct {
	to    int
	first *resampler // decimates by an integer beforehand; nil for moderate ratios
	l, m  int
	half  int // taps to each side of a position
	steps int // fractions in the table: l, or fewer to interpolate between
	turns int // times m inputs that are no fewer than the taps
	table []float32
}

const (
	firstStep   = 16      // decimation of one stage beforehand
	maxDecimate = 32      // of the last stage
	exactTable  = 1 << 18 // taps of a table with all l fractions
	fineness    = 2048    // else its fractions per sample of the lower rate
)

func newResampler(from, to int) *resampler {
	if from == to {
		return &resampler{to: to}
	}
	g := gcd(from, to)
	r := newStages(to/g, from/g)
	r.to = to
	return r
}

func newStages(l, m int) *resampler {
	if m/maxDecimate >= l {
		r := newStages(l*firstStep/gcd(l*firstStep, m), m/gcd(l*firstStep, m))
		last := r
		for last.first != nil {
			last = last.first
		}
		last.first = newStage(1, firstStep)
		return r
	}
	return newStage(l, m)
}

// newStage returns a resampler of one stage.
//
// A row of the table has the taps of the fraction f = row/steps for the samples
// from half-1 before the position to half after it. The filter is symmetric, so
// the row of 1-f is that of f reversed.
func newStage(l, m int) *resampler {
	ratio := float64(l) / float64(m)
	k := newKernel(ratio)
	r := &resampler{l: l, m: m, half: int(k.width) + 1, steps: l}
	taps := 2 * r.half
	r.turns = (taps + m - 1) / m
	if l*taps > exactTable {
		r.steps = int(math.Ceil(fineness * min(ratio, 1)))
	}
	r.table = make([]float32, (r.steps+1)*taps)
	row := make([]float64, taps)
	for p := 0; 2*p <= r.steps; p++ {
		f := float64(p) / float64(r.steps)
		var sum float64
		k.fill(row, float64(1-r.half)-f)
		for _, v := range row {
			sum += v
		}
		this, mirror := r.row(p), r.row(r.steps-p)
		for j, v := range row {
			this[j], mirror[taps-1-j] = float32(v/sum), float32(v/sum)
		}
	}
	return r
}

func (r *resampler) row(p int) []float32 { return r.table[p*2*r.half:][:2*r.half] }

// run writes every stride-th element of dst. What lies beyond the ends of x is 0.
func (r *resampler) run(ctx context.Context, dst []float32, stride int, x []float32) error {
	if r.first != nil {
		y := make([]float32, resampledLen(len(x), r.first.m, r.first.l))
		if err := r.first.run(ctx, y, 1, x); err != nil {
			return err
		}
		x = y
	}
	at, p := 0, 0 // the position is at + p/l
	for block := r.blockLen() * stride; len(dst) > 0; dst = dst[min(block, len(dst)):] {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		at, p = r.fill(dst[:min(block, len(dst))], stride, x, at, p)
	}
	return nil
}

// checkEvery is how many frames are made between two looks at the context.
const checkEvery = 1 << 12

// rounds is how many outputs of one fraction the kernel makes at a time: each tap
// is loaded once for four of them.
const rounds = 12

// blockLen returns the number of outputs that fill makes best at a time.
func (r *resampler) blockLen() int { return rounds * r.turns * r.l }

// fill writes every stride-th element of dst, at most blockLen outputs, the first
// of which is that at position at + p/l of x; it returns the position after them.
func (r *resampler) fill(dst []float32, stride int, x []float32, at, p int) (nextAt, nextP int) {
	n := (len(dst) + stride - 1) / stride
	next := p + n*r.m
	if r.steps != r.l {
		for i := range n {
			q := p + i*r.m
			dst[i*stride] = r.between(x, at+q/r.l, q%r.l)
		}
		return at + next/r.l, next % r.l
	}
	window := zeroPadded(x, at-r.half+1, at+(next-r.m)/r.l+r.half+1)
	var sums [rounds]float32
	cycle := r.turns * r.l
	for o := range min(cycle, n) {
		same := sums[:(n-o+cycle-1)/cycle] // outputs o, o+cycle, … lie at the same fraction
		q := p + o*r.m
		simd.DotRows(same, r.row(q%r.l), window[q/r.l:], r.turns*r.m, nil)
		for t, v := range same {
			dst[(o+t*cycle)*stride] = v
		}
	}
	return at + next/r.l, next % r.l
}

// zeroPadded returns x[from:to] as if x were silent beyond its ends.
func zeroPadded(x []float32, from, to int) []float32 {
	if from >= 0 && to <= len(x) {
		return x[from:to]
	}
	out := make([]float32, to-from)
	if low, high := max(from, 0), min(to, len(x)); low < high {
		copy(out[low-from:], x[low:high])
	}
	return out
}

// between returns the filtered x at position at + p/l by the two rows around p.
func (r *resampler) between(x []float32, at, p int) float32 {
	lo, hi := at-r.half+1, at+r.half+1
	from, to := max(lo, 0), min(hi, len(x))
	if from >= to {
		return 0
	}
	x = x[from:to]
	f := float64(p) / float64(r.l) * float64(r.steps)
	low := int(f)
	a, b := simd.Dot(x, r.row(low)[from-lo:]), simd.Dot(x, r.row(low + 1)[from-lo:])
	return a + float32(f-float64(low))*(b-a)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
