package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/internal/synth"
)

// audioTempoFigures are on two sets of 11 made-up tracks of 30 s, of which no constant
// was chosen: clicks, and a kick and a snare with hi-hats between them.
func audioTempoFigures() []report.Figure {
	var out []report.Figure
	for _, set := range []struct {
		name  string
		goal  float64
		track func(bpm float64) ([]float32, []time.Duration)
	}{{"clicks", 11, clickTrack}, {"drums", 9, drumTrack}} {
		out = append(out,
			report.Figure{Name: "audio/tempo_" + set.name, Peer: "aubio", Goal: report.AtLeast(set.goal),
				Measure: inFolder(func(m *report.Meter, dir string) ([]float64, error) {
					r, err := rateTempos(dir, set.track)
					m.Note("of 11, within 4 %%; %s", r.aubio(r.theirs))
					return []float64{r.ours}, err
				})},
			report.Figure{Name: "audio/beats_" + set.name, Unit: "%", Peer: "aubio", Goal: report.AtLeast(90),
				Measure: inFolder(func(m *report.Meter, dir string) ([]float64, error) {
					r, err := rateTempos(dir, set.track)
					m.Note("F within 70 ms at the tempo found; %s", r.aubio(100*r.theirBeats/11))
					return []float64{100 * r.ourBeats / 11}, err
				})})
	}
	return out
}

const trackRate = 44100

// strike adds a decaying sound at a time in seconds.
func strike(x []float32, at, seconds float64, sound func(t float64) float64) {
	from := int(at * trackRate)
	for i := 0; i < int(seconds*trackRate) && from+i < len(x); i++ {
		t := float64(i) / trackRate
		x[from+i] += float32(sound(t) * math.Exp(-6*t/seconds))
	}
}

// onBeats calls play with each beat and its time.
func onBeats(bpm float64, play func(x []float32, b int, at float64)) (x []float32, beats []time.Duration) {
	x = make([]float32, 30*trackRate)
	for b := 0; ; b++ {
		at := 0.25 + float64(b)*60/bpm
		if at > 29.8 {
			return x, beats
		}
		beats = append(beats, time.Duration(at*float64(time.Second)))
		play(x, b, at)
	}
}

func clickTrack(bpm float64) ([]float32, []time.Duration) {
	return onBeats(bpm, func(x []float32, _ int, at float64) {
		strike(x, at, 0.04, func(t float64) float64 { return 0.6 * math.Sin(2*math.Pi*1200*t) })
	})
}

func drumTrack(bpm float64) ([]float32, []time.Duration) {
	rng := synth.Rand(uint64(bpm))
	noise := func() float64 { return 2*rng.Float64() - 1 }
	return onBeats(bpm, func(x []float32, b int, at float64) {
		if b%2 == 0 {
			strike(x, at, 0.2, func(t float64) float64 { return 0.7 * math.Sin(2*math.Pi*55*t) })
		} else {
			strike(x, at, 0.15, func(t float64) float64 { return 0.3*math.Sin(2*math.Pi*200*t) + 0.25*noise() })
		}
		last := 0.0
		strike(x, at+30/bpm, 0.05, func(float64) float64 {
			v := noise()
			d := 0.15 * (v - last)
			last = v
			return d
		})
	})
}

// tempoRating counts tempos and sums F over the tracks of a set.
type tempoRating struct {
	ours, ourBeats     float64
	theirs, theirBeats float64
	missing            error // why there is no aubio
}

func (r tempoRating) aubio(value float64) string {
	if r.missing != nil {
		return "no aubio-tools: " + r.missing.Error()
	}
	return fmt.Sprintf("aubio %.3g", value)
}

func rateTempos(dir string, track func(bpm float64) ([]float32, []time.Duration)) (r tempoRating, err error) {
	for _, bpm := range []float64{50, 60, 72, 85, 95, 110, 120, 128, 140, 174, 200} {
		x, beats := track(bpm)
		onsets, err := dsp.OnsetStrength(x, trackRate)
		if err != nil {
			return r, err
		}
		near := func(found float64) float64 {
			if math.Abs(found/bpm-1) < 0.04 {
				return 1
			}
			return 0
		}
		if found := onsets.Tempos(1); len(found) > 0 {
			r.ours += near(found[0].BPM)
			ours, err := onsets.Beats(found[0].BPM)
			if err != nil {
				return r, err
			}
			r.ourBeats += beatScore(beats, ours)
		}
		theirs, err := aubioBeats(dir, x)
		if err != nil {
			r.missing = err
			continue
		}
		var gaps []float64
		for i := 1; i < len(theirs); i++ {
			gaps = append(gaps, (theirs[i] - theirs[i-1]).Seconds())
		}
		if len(gaps) > 0 {
			r.theirs += near(60 / middle(gaps))
		}
		r.theirBeats += beatScore(beats, theirs)
	}
	return r, nil
}

// beatScore is the F of beats within 70 ms, from 2 s on, when trackers have settled.
func beatScore(want, got []time.Duration) float64 {
	early := func(b time.Duration) bool { return b < 2*time.Second }
	want, got = slices.DeleteFunc(slices.Clone(want), early), slices.DeleteFunc(slices.Clone(got), early)
	hits := 0
	for _, w := range want {
		if slices.ContainsFunc(got, func(g time.Duration) bool { return (g - w).Abs() <= 70*time.Millisecond }) {
			hits++
		}
	}
	return 2 * float64(hits) / float64(max(len(want)+len(got), 1))
}

// aubioBeats are those that aubiotrack prints.
func aubioBeats(dir string, x []float32) (beats []time.Duration, err error) {
	path := filepath.Join(dir, "track.wav")
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	err = audio.EncodeWAV(f, audio.Clip{Rate: trackRate, Channels: 1, Samples: x}, audio.PCM16)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	out, err := exec.Command("aubiotrack", "-i", path).Output()
	if err != nil {
		return nil, err
	}
	for _, field := range strings.Fields(string(out)) {
		s, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return nil, err
		}
		beats = append(beats, time.Duration(s*float64(time.Second)))
	}
	return beats, nil
}
