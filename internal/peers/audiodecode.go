package main

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/internal/synth"
)

// codec is a format, how to make a file of it, and the program that decodes it fastest.
type codec struct {
	name     string
	packages string // of Debian, that brings the programs
	encode   func(wav, out string) []string
	decode   func(in string) []string
	goal     float64 // ours over the program; 0 for WAV, whose goal is a time
}

var codecs = []codec{
	{"wav", "ffmpeg", nil,
		func(in string) []string {
			return []string{"ffmpeg", "-v", "error", "-i", in, "-f", "s16le", "-y", os.DevNull}
		}, 0},
	{"mp3", "lame and mpg123",
		func(wav, out string) []string { return []string{"lame", "--quiet", "-b", "160", wav, out} },
		func(in string) []string { return []string{"mpg123", "-q", "-s", in} }, 5},
	{"flac", "flac",
		func(wav, out string) []string { return []string{"flac", "-s", "-f", "-o", out, wav} },
		func(in string) []string { return []string{"flac", "-s", "-d", "-c", "-f", in} }, 3},
	{"vorbis", "vorbis-tools",
		func(wav, out string) []string { return []string{"oggenc", "-Q", "-o", out, wav} },
		func(in string) []string { return []string{"oggdec", "-Q", "-o", os.DevNull, in} }, 2},
}

// audioDecodeFigures are of a minute of stereo at 44.1 kHz, ours in memory and the
// programs with their start and what they write to nowhere.
func audioDecodeFigures() []report.Figure {
	out := []report.Figure{{Name: "audio/decode_wav", Unit: "ms", Peer: "ffmpeg", Goal: report.AtMost(15),
		Measure: inFolder(func(m *report.Meter, dir string) ([]float64, error) {
			ours, _, err := decoding(m, dir, codecs[0])
			return ours, err
		})}}
	for _, c := range codecs[1:] {
		out = append(out, report.Figure{Name: "audio/decode_" + c.name, Unit: "x", Peer: c.decode("")[0],
			Goal: report.AtMost(c.goal), Measure: inFolder(func(m *report.Meter, dir string) ([]float64, error) {
				ours, theirs, err := decoding(m, dir, c)
				for i := range ours {
					ours[i] /= theirs[i]
				}
				return ours, err
			})})
	}
	return out
}

// minute is something like music: chords with overtones, strokes and some noise.
func minute() audio.Clip {
	c := audio.Clip{Rate: 44100, Channels: 2, Samples: synth.Noise(1, 60*44100*2, 0.02)}
	for i := range 60 * c.Rate {
		t := float64(i) / float64(c.Rate)
		root := []float64{220, 261.63, 174.61, 196}[int(t)/2%4]
		v := 0.0
		for k := 1.0; k <= 5; k++ {
			v += 0.1 / k * (math.Sin(2*math.Pi*root*k*t) + math.Sin(2*math.Pi*1.5*root*k*t))
		}
		beat := math.Mod(t, 0.5)
		v += 0.3 * math.Exp(-20*beat) * math.Sin(2*math.Pi*70*beat)
		c.Samples[2*i] += float32(v)
		c.Samples[2*i+1] += float32(0.7 * v)
	}
	return c
}

// decoding returns, by round, the milliseconds of CPU time of ours and of the program.
func decoding(m *report.Meter, dir string, c codec) (ours, theirs []float64, err error) {
	path := filepath.Join(dir, "minute.wav")
	var wav bytes.Buffer
	if err := audio.EncodeWAV(&wav, minute(), audio.PCM16); err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(path, wav.Bytes(), 0o600); err != nil {
		return nil, nil, err
	}
	if c.encode != nil {
		from := path
		path = filepath.Join(dir, "minute."+c.name)
		if _, err := programTime(c.encode(from, path)); err != nil {
			return nil, nil, report.Skip("no " + c.packages + ": " + err.Error())
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	decode := func() {
		clip, _, err := audio.Decode(bytes.NewReader(data), audio.DecodeOptions{})
		if err != nil || clip.Frames() < 59*clip.Rate {
			panic(err)
		}
	}
	decode()
	for range m.Rounds() {
		t, err := programTime(c.decode(path))
		if err != nil {
			return nil, nil, report.Skip("no " + c.packages + ": " + err.Error())
		}
		theirs = append(theirs, t)
		ours = append(ours, float64(m.Took(decode))/float64(time.Millisecond))
	}
	m.Note("%.3g ms, %s %.3g ms", middle(ours), c.decode("")[0], middle(theirs))
	return ours, theirs, nil
}

// programTime runs a program, without its output, and returns its CPU time in
// milliseconds.
func programTime(args []string) (float64, error) {
	cmd := exec.Command(args[0], args[1:]...)
	if err := cmd.Run(); err != nil {
		return 0, err
	}
	t := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return float64(t) / float64(time.Millisecond), nil
}
