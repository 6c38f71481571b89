package main

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/internal/synth"
)

// audioLoudnessFigures are the largest differences from the filter ebur128 of ffmpeg,
// which prints tenths, over the clips of loudnessClips.
func audioLoudnessFigures() []report.Figure {
	figure := func(name, unit string, goal report.Goal, of func(l dsp.Loudness) float64, pattern string) report.Figure {
		return report.Figure{Name: "audio/" + name, Unit: unit, Peer: "ffmpeg", Goal: goal,
			Measure: inFolder(func(m *report.Meter, dir string) ([]float64, error) {
				return loudnessDifference(m, dir, of, regexp.MustCompile(pattern))
			})}
	}
	return []report.Figure{
		figure("loudness", "LU", report.AtMost(0.1), func(l dsp.Loudness) float64 { return l.Integrated }, `\sI:\s+(-?[0-9.]+) LUFS`),
		figure("loudness_range", "LU", report.Goal{}, func(l dsp.Loudness) float64 { return l.Range }, `\sLRA:\s+(-?[0-9.]+) LU`),
		figure("true_peak", "dB", report.Goal{}, func(l dsp.Loudness) float64 { return l.TruePeak }, `\sPeak:\s+(-?[0-9.]+) dBFS`),
	}
}

// loudnessClips are shaped like the cases of EBU Tech 3341: steady tones, tones of
// several levels that the gates tell apart, noise, and music with pauses.
func loudnessClips() map[string]audio.Clip {
	steps := func(rate int, decibels ...float64) audio.Clip {
		c := audio.Clip{Rate: rate, Channels: 2}
		for _, db := range decibels {
			for _, v := range synth.Tone(rate, 10*rate, 1000, math.Pow(10, db/20)) {
				c.Samples = append(c.Samples, v, v)
			}
		}
		return c
	}
	music := minute()
	for i := range music.Samples {
		if i/(8*2*music.Rate)%2 == 1 {
			music.Samples[i] *= 0.03
		}
	}
	return map[string]audio.Clip{
		"-23 dBFS":      steps(48000, -23, -23),
		"-33 dBFS":      steps(44100, -33, -33),
		"three levels":  steps(48000, -36, -23, -36),
		"five levels":   steps(48000, -72, -36, -23, -36, -72),
		"a wide range":  steps(48000, -40, -20),
		"noise":         {Rate: 44100, Channels: 1, Samples: synth.Noise(1, 20*44100, 0.3)},
		"music, pauses": music,
	}
}

func loudnessDifference(m *report.Meter, dir string, of func(dsp.Loudness) float64, theirs *regexp.Regexp) ([]float64, error) {
	worst, where := -1.0, ""
	for name, clip := range loudnessClips() {
		path := filepath.Join(dir, "clip.wav")
		f, err := os.Create(path)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(audio.EncodeWAV(f, clip, audio.Float32), f.Close()); err != nil {
			return nil, err
		}
		ours, err := dsp.MeasureLoudness(clip.Samples, dsp.LoudnessOptions{Rate: clip.Rate, Channels: clip.Channels})
		if err != nil {
			return nil, err
		}
		out, err := exec.Command("ffmpeg", "-nostats", "-hide_banner", "-i", path, "-af", "ebur128=peak=true", "-f", "null", "-").CombinedOutput()
		if err != nil {
			return nil, report.Skip("no ffmpeg: " + firstLine(out, err))
		}
		found := theirs.FindAllSubmatch(out, -1)
		if found == nil {
			return nil, report.Skip("this ffmpeg has no ebur128")
		}
		value, err := strconv.ParseFloat(string(found[len(found)-1][1]), 64)
		if err != nil {
			return nil, err
		}
		if d := math.Abs(of(ours) - value); d > worst {
			worst, where = d, name
		}
	}
	m.Note("at worst, of %d clips: %s; ffmpeg prints tenths", len(loudnessClips()), where)
	return []float64{worst}, nil
}
