package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
)

func audioSpeedFigures() []report.Figure {
	return []report.Figure{
		{Name: "audio/logmel_60s", Unit: "ms", Peer: "FFTW", Goal: report.AtMost(16), Measure: inFolder(logMel)},
		{Name: "audio/logmel_allocs", Goal: report.AtMost(0), Measure: logMelAllocs},
		{Name: "audio/resample_10s", Unit: "ms", Peer: "soxr", Goal: report.AtMost(4), Measure: inFolder(resampled)},
		{Name: "audio/resample_snr", Unit: "dB", Goal: report.AtLeast(120), Measure: resampledSNR},
		{Name: "audio/resample_alias", Unit: "dB", Goal: report.AtMost(-110), Measure: resampledAlias},
		{Name: "audio/voice_frame", Unit: "µs", Peer: "onnxruntime", Goal: report.AtMost(120), Parallel: true, Measure: voiceFrame},
		{Name: "audio/voice_difference", Peer: "onnxruntime", Goal: report.AtMost(1e-5), Measure: voiceDifference},
	}
}

// logMel is the front end of Whisper on a minute.
func logMel(m *report.Meter, dir string) ([]float64, error) {
	harness, err := compiled(dir, "audiofftw", "libfftw3-dev", "-lfftw3f", "-lm")
	if err != nil {
		return nil, err
	}
	const bands, bins = 80, 201
	x := synth.Noise(1, 60*16000, 0.3)
	bank, err := dsp.NewMelBank(dsp.WhisperLogMel(bands))
	if err != nil {
		return nil, err
	}
	rows := make([]float32, bands*bins)
	for i := range bands {
		first, weights := bank.Weights(i)
		copy(rows[i*bins+first:], weights)
	}
	samples, err := writeFloats(dir, "samples", x)
	if err != nil {
		return nil, err
	}
	weights, err := writeFloats(dir, "bank", rows)
	if err != nil {
		return nil, err
	}
	mel, err := dsp.NewMel(dsp.WhisperLogMel(bands))
	if err != nil {
		return nil, err
	}
	var s dsp.Spectrogram
	theirs := filepath.Join(dir, "logmel")
	ms, err := versus(m, func() { mel.Spectrogram(&s, x) }, "FFTW", harness, samples, weights, strconv.Itoa(harnessRounds), theirs)
	if err != nil {
		return nil, err
	}
	return ms, alike(theirs, s.Data, 1e-3)
}

// alike says whether a peer's numbers are ours.
func alike(path string, ours []float32, within float64) error {
	theirs, err := readFloats(path)
	if err != nil {
		return err
	}
	if len(theirs) != len(ours) {
		return fmt.Errorf("%s: the peer has %d values, we have %d", filepath.Base(path), len(theirs), len(ours))
	}
	for i, v := range ours {
		if !(math.Abs(float64(v-theirs[i])) <= within) {
			return fmt.Errorf("%s: value %d of the peer is %v, ours %v", filepath.Base(path), i, theirs[i], v)
		}
	}
	return nil
}

func logMelAllocs(m *report.Meter) ([]float64, error) {
	mel, err := dsp.NewMel(dsp.WhisperLogMel(80))
	if err != nil {
		return nil, err
	}
	x := synth.Noise(1, 16000, 0.3)
	var s dsp.Spectrogram
	mel.Spectrogram(&s, x)
	return m.Allocs(func(n int) {
		for range n {
			mel.Spectrogram(&s, x)
		}
	}), nil
}

// resampled is 10 s of one channel from 44.1 to 16 kHz.
func resampled(m *report.Meter, dir string) ([]float64, error) {
	harness, err := compiled(dir, "audiosoxr", "libsoxr-dev", "-lsoxr")
	if err != nil {
		return nil, err
	}
	clip := audio.Clip{Rate: 44100, Channels: 1, Samples: synth.Noise(1, 441_000, 0.3)}
	samples, err := writeFloats(dir, "samples", clip.Samples)
	if err != nil {
		return nil, err
	}
	ours := func() {
		if _, err := clip.Resample(16000); err != nil {
			panic(err)
		}
	}
	return versus(m, ours, "soxr HQ", harness, samples, "44100", "16000", strconv.Itoa(harnessRounds))
}

// tone44 is what a tone at 44.1 kHz becomes at 16 kHz, without its ends.
func tone44(hz float64) ([]float32, error) {
	clip := audio.Clip{Rate: 44100, Channels: 1, Samples: synth.Tone(44100, 88200, hz, 0.5)}
	out, err := clip.Resample(16000)
	if err != nil {
		return nil, err
	}
	return out.Samples[8000:24000], nil
}

// resampledSNR is the worst of two tones: the power of the tone over that of the rest.
func resampledSNR(m *report.Meter) ([]float64, error) {
	worst := math.Inf(1)
	for _, hz := range []float64{1000, 7000} {
		x, err := tone44(hz)
		if err != nil {
			return nil, err
		}
		// x spans whole periods, so the tone is its projection on a sine and a cosine.
		var sine, cosine, all float64
		for i, v := range x {
			s, c := math.Sincos(2 * math.Pi * hz * float64(i) / 16000)
			sine, cosine = sine+s*float64(v), cosine+c*float64(v)
			all += float64(v) * float64(v)
		}
		n := float64(len(x))
		sine, cosine = 2*sine/n, 2*cosine/n
		rest := 0.0
		for i, v := range x {
			s, c := math.Sincos(2 * math.Pi * hz * float64(i) / 16000)
			d := float64(v) - sine*s - cosine*c
			rest += d * d
		}
		worst = min(worst, 10*math.Log10((all-rest)/rest))
	}
	m.Note("tones of 1 and 7 kHz, 44.1 to 16 kHz")
	return []float64{worst}, nil
}

// resampledAlias is the level that is left of tones that 16 kHz cannot hold.
func resampledAlias(m *report.Meter) ([]float64, error) {
	worst := math.Inf(-1)
	for _, hz := range []float64{9000, 12000} {
		x, err := tone44(hz)
		if err != nil {
			return nil, err
		}
		worst = max(worst, 20*math.Log10(dsp.RMS(x)/(0.5/math.Sqrt2)))
	}
	m.Note("tones of 9 and 12 kHz")
	return []float64{worst}, nil
}

// reading is the speech of the example quickstart.
func reading() (audio.Clip, error) {
	f, err := os.Open(filepath.Join("..", "..", "examples", "quickstart", "samples", "reading.wav"))
	if err != nil {
		return audio.Clip{}, err
	}
	defer f.Close()
	clip, _, err := audio.Decode(f, audio.DecodeOptions{})
	return clip, err
}

// detectors are ours on the native backend and on ONNX Runtime.
func detectors() (native, ort *audio.VoiceDetector, err error) {
	rt, err := theRuntime()
	if err != nil {
		return nil, nil, report.Skip(err.Error())
	}
	mine, err := theNative()
	if err != nil {
		return nil, nil, err
	}
	one := optimize.SessionOptions{Device: "cpu", Threads: 1}
	if native, err = audio.NewVoiceDetector(audio.VoiceDetectorOptions{Runtime: mine, Session: one}); err != nil {
		return nil, nil, err
	}
	ort, err = audio.NewVoiceDetector(audio.VoiceDetectorOptions{Runtime: rt, Session: one})
	return native, ort, err
}

func voiceFrame(m *report.Meter) ([]float64, error) {
	clip, err := reading()
	if err != nil {
		return nil, err
	}
	native, ort, err := detectors()
	if err != nil {
		return nil, err
	}
	defer native.Close()
	defer ort.Close()
	times := m.Times(listening(native, clip), listening(ort, clip))
	frames := float64(clip.Duration() / audio.VoiceFrame)
	for _, t := range times {
		for i := range t {
			t[i] /= 1000 * frames
		}
	}
	m.Note("onnxruntime %.3g µs, both in blocks of 32 frames", middle(times[1]))
	return times[0], nil
}

// listening asks a detector for the probabilities of a clip.
func listening(d *audio.VoiceDetector, clip audio.Clip) func(n int) {
	return func(n int) {
		for range n {
			if _, err := d.Probabilities(context.Background(), clip); err != nil {
				panic(err)
			}
		}
	}
}

func voiceDifference(m *report.Meter) ([]float64, error) {
	clip, err := reading()
	if err != nil {
		return nil, err
	}
	native, ort, err := detectors()
	if err != nil {
		return nil, err
	}
	defer native.Close()
	defer ort.Close()
	a, err := native.Probabilities(context.Background(), clip)
	if err != nil {
		return nil, err
	}
	b, err := ort.Probabilities(context.Background(), clip)
	if err != nil {
		return nil, err
	}
	worst := 0.0
	for i := range a {
		worst = max(worst, math.Abs(float64(a[i]-b[i])))
	}
	m.Note("%d frames, largest difference %.2g", len(a), worst)
	return []float64{worst}, nil
}
