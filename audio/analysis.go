package audio

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio/dsp"
)

// analysisRate is the rate in Hz of the mix that tempo, key, chords and pitch are found
// in. Speech has the same, so that a clip is resampled once.
const analysisRate = voiceRate

// mostCandidates is how many candidates of tempo and key a result has.
const mostCandidates = 5

// measured fills the fields of tasks that look at the clip as it is.
func (p *Pipeline) measured(ctx context.Context, r *Result, c Clip) (err error) {
	if p.opt.Tasks&TaskProperties != 0 {
		r.Properties = measure(c)
	}
	if p.opt.Tasks&TaskSilence != 0 {
		r.Silence = silences(c, p.opt.Silence)
	}
	if p.opt.Tasks&TaskFaults != 0 {
		r.Faults = faults(c)
	}
	if p.opt.Tasks&TaskLoudness != 0 {
		if r.Loudness, err = p.loudness(ctx, c); err != nil {
			return err
		}
	}
	if p.opt.Tasks&TaskFingerprint != 0 {
		mono, err := c.Mono().resample(ctx, p.toPrint.from(c.Rate))
		if err != nil {
			return err
		}
		r.Fingerprint = dsp.NewFingerprinter().Add(nil, mono.Samples)
	}
	return ctx.Err()
}

// heard fills the fields of tasks that look at the mix at analysisRate.
func (p *Pipeline) heard(ctx context.Context, r *Result, x []float32) error {
	if p.opt.Tasks&TaskTempo != 0 {
		onsets, err := dsp.OnsetStrength(x, analysisRate)
		if err != nil {
			return err
		}
		r.Tempo = onsets.Tempos(mostCandidates)
	}
	if p.opt.Tasks&TaskKey != 0 {
		chroma, err := dsp.ChromaOf(x, analysisRate, 0)
		if err != nil {
			return err
		}
		keys := chroma.Keys()
		r.Key = slices.Clone(keys[:min(mostCandidates, len(keys))])
	}
	if p.opt.Tasks&TaskChords != 0 && ctx.Err() == nil {
		chords := p.chords.Get().(*dsp.ChordTracker)
		r.Chords = chords.Track(nil, x)
		p.chords.Put(chords)
	}
	if p.opt.Tasks&TaskPitch != 0 {
		r.Pitch = p.pitch(ctx, x)
	}
	return ctx.Err()
}

// loudness measures a clip. Clips of rates that the meter does not know are resampled.
func (p *Pipeline) loudness(ctx context.Context, c Clip) (*dsp.Loudness, error) {
	if c.Channels > dsp.MaxChannels {
		return nil, fmt.Errorf("clip has %d channels, loudness is of at most %d: %w",
			c.Channels, dsp.MaxChannels, quintet.ErrInput)
	}
	const lowest = 4000 // of the meter
	if c.Rate < lowest {
		var err error
		if c, err = c.resample(ctx, p.toHeard.from(c.Rate)); err != nil {
			return nil, err
		}
	}
	meter, err := dsp.NewLoudnessMeter(dsp.LoudnessOptions{Rate: c.Rate, Channels: c.Channels})
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(c.Samples, c.Rate*c.Channels) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		meter.Add(part)
	}
	l := meter.Loudness()
	return &l, nil
}

// Pitch is tracked piece by piece: the tracker remembers some 250 kB for a second. A
// piece sees some of its neighbours, so that it begins and ends as if they were one.
const (
	pitchHop    = analysisRate / 100
	pitchPiece  = 3000 // frames
	pitchMargin = 100
)

// pitch returns the pitch of each frame. It stops when ctx ends.
func (p *Pipeline) pitch(ctx context.Context, x []float32) []dsp.Pitch {
	tracker := p.pitches.Get().(*dsp.PYIN)
	defer p.pitches.Put(tracker)
	return trackPitch(ctx, tracker, x, pitchPiece)
}

// trackPitch tracks pieces of so many frames.
func trackPitch(ctx context.Context, tracker *dsp.PYIN, x []float32, size int) []dsp.Pitch {
	if len(x) == 0 {
		return nil
	}
	frames := 1 + len(x)/pitchHop
	out := make([]dsp.Pitch, 0, frames)
	var piece []dsp.Pitch
	for from := 0; from < frames && ctx.Err() == nil; from += size {
		first := max(from-pitchMargin, 0)
		last := from + size + pitchMargin
		piece = tracker.Track(piece, x[first*pitchHop:min(last*pitchHop, len(x))])
		keep := piece[from-first : min(from-first+size, len(piece))]
		for i := range keep {
			keep[i].Time += time.Duration(first) * pitchHop * time.Second / analysisRate
		}
		out = append(out, keep...)
	}
	return out
}
