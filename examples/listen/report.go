package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/quintet-ai/quintet/audio"
)

// sound is a file and what was found in it.
type sound struct {
	audio.Result
	clip     audio.Clip
	info     audio.Info
	pictures []string
}

// mostLines is how many parts of a kind the report names.
const mostLines = 20

// String returns the report.
func (s sound) String() string {
	var b strings.Builder
	p := s.Properties
	fmt.Fprintf(&b, "%s: %s, ", s.ID, s.info.Format)
	if s.info.Encoding != audio.Coded {
		fmt.Fprintf(&b, "%s, ", s.info.Encoding)
	}
	fmt.Fprintf(&b, "%d Hz, %s, %s", p.Rate, plural(p.Channels, "channel"), clock(p.Duration))
	if s.info.Truncated {
		b.WriteString(", cut off")
	}
	b.WriteString("\n")
	line := func(name, format string, a ...any) {
		fmt.Fprintf(&b, "%-12s", name)
		fmt.Fprintf(&b, format+"\n", a...)
	}
	line("level", "RMS %.1f dBFS, peak %.1f dBFS", p.RMSDBFS, p.PeakDBFS)
	l := s.Loudness
	line("loudness", "%.1f LUFS, range %.1f LU, true peak %.1f dBTP", l.Integrated, l.Range, l.TruePeak)
	line("tempo", "%s", s.tempo())
	line("key", "%s", s.key())
	line("chords", "%s", s.chords())
	if len(s.Pitch) > 0 {
		line("pitch", "%s", s.pitch())
	}
	line("speech", "%s", spans(&s, len(s.Speech), func(i int) audio.Span {
		return audio.Span{Start: s.Speech[i].Start, End: s.Speech[i].End}
	}))
	line("silence", "%s", spans(&s, len(s.Silence), func(i int) audio.Span { return s.Silence[i] }))
	line("faults", "%s", s.faults())
	line("fingerprint", "%d words", len(s.Fingerprint))
	for _, path := range s.pictures {
		line("picture", "%s", path)
	}
	return b.String()
}

// tempo names the candidates: a sound that is no music has some too.
func (s sound) tempo() string {
	var out []string
	for _, t := range s.Tempo[:min(3, len(s.Tempo))] {
		out = append(out, fmt.Sprintf("%.1f (%.0f %%)", t.BPM, 100*t.Confidence))
	}
	if out == nil {
		return "none"
	}
	return strings.Join(out, ", ") + " beats a minute, if it is music"
}

func (s sound) key() string {
	if len(s.Key) == 0 {
		return "none"
	}
	return fmt.Sprintf("%s (%.2f), then %s (%.2f), if it is music",
		s.Key[0].Key, s.Key[0].Score, s.Key[1].Key, s.Key[1].Score)
}

// chords names those that last, in order.
func (s sound) chords() string {
	var out []string
	for _, c := range s.Chords {
		if c.End-c.Start >= time.Second/2 && c.Root >= 0 && c.String() != "N" {
			out = append(out, c.String())
		}
	}
	if out == nil {
		return "none that lasts"
	}
	if len(out) > mostLines {
		out = append(out[:mostLines], "...")
	}
	return strings.Join(out, " ")
}

func (s sound) pitch() string {
	var hz []float64
	for _, p := range s.Pitch {
		if p.Voiced() {
			hz = append(hz, float64(p.Hz))
		}
	}
	if len(hz) == 0 {
		return "none"
	}
	slices.Sort(hz)
	return fmt.Sprintf("in %d %% of the time, median %.0f Hz, mostly %.0f to %.0f Hz",
		100*len(hz)/len(s.Pitch), hz[len(hz)/2], hz[len(hz)/10], hz[len(hz)*9/10])
}

func (s sound) faults() string {
	if len(s.Faults) == 0 {
		return "none found"
	}
	var b strings.Builder
	b.WriteString(plural(len(s.Faults), "fault"))
	for _, f := range s.Faults[:min(len(s.Faults), mostLines)] {
		fmt.Fprintf(&b, "\n  channel %d: %s ", f.Channel+1, f.Kind)
		if f.Kind == audio.FaultOffset {
			fmt.Fprintf(&b, "of %.3f", f.Offset)
			continue
		}
		fmt.Fprintf(&b, "at %s, %d samples", clock(f.Start), f.Samples)
	}
	return b.String()
}

// spans names n parts of a sound.
func spans(s *sound, n int, at func(i int) audio.Span) string {
	if n == 0 {
		return "none"
	}
	var b strings.Builder
	sum := time.Duration(0)
	for i := range n {
		sum += at(i).End - at(i).Start
		if i < mostLines {
			fmt.Fprintf(&b, "\n  %s - %s", clock(at(i).Start), clock(at(i).End))
		}
	}
	share := 100 * sum.Seconds() / max(s.Properties.Duration.Seconds(), 1e-9)
	return fmt.Sprintf("%s, %s, %.0f %%%s", plural(n, "part"), clock(sum), share, b.String())
}

// clock prints a time to a hundredth of a second.
func clock(t time.Duration) string {
	c := t.Round(10*time.Millisecond) / (10 * time.Millisecond)
	return fmt.Sprintf("%d:%02d.%02d", c/6000, c/100%60, c%100)
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
