package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/quintet-ai/quintet/audio/dsp"
)

// page collects lines for the screen.
type page struct{ strings.Builder }

// row prints a heading, which may be empty, and what belongs to it.
func (p *page) row(heading, format string, args ...any) {
	fmt.Fprintf(p, "%-9s%s\n", heading, fmt.Sprintf(format, args...))
}

// print writes one readable screen.
func (r *Report) print(w io.Writer) error {
	var p page
	fmt.Fprintf(&p, "Quintet on %s, %s backend: %s\n\n", r.Device.Name, r.Device.Backend, r.Device.Detail)
	r.printTexts(&p)
	r.printPictures(&p)
	r.printSounds(&p)
	r.printSearch(&p)
	for _, f := range r.Refused {
		p.row("REFUSED", "%s: %s", f.Name, f.Why)
	}
	var times []string
	for _, t := range r.Took {
		times = append(times, fmt.Sprintf("%s %s", t.Pipeline, round(t.Time)))
	}
	if len(times) > 0 {
		p.row("TIME", "%s", strings.Join(times, ", "))
	}
	_, err := io.WriteString(w, p.String())
	return err
}

func (r *Report) printTexts(p *page) {
	for _, t := range r.Texts {
		s := t.Stats
		p.row("TEXT", "%s: %d words in %d sentences and %d paragraphs, reading ease %.0f of 100",
			t.ID, s.Words, s.Sentences, s.Paragraphs, s.FleschReadingEase)
		var terms []string
		for _, k := range t.Keywords {
			terms = append(terms, k.Term)
		}
		p.row("", "about %s", clip(strings.Join(terms, ", "), 96))
	}
}

func (r *Report) printPictures(p *page) {
	for _, v := range r.Pictures {
		s := v.Properties
		p.row("VISION", "%s: %s, %d x %d pixels, brightness %.0f of 255, contrast %.0f, sharpness %.0f",
			v.ID, s.Format, s.Width, s.Height, s.MeanLuma, s.Contrast, s.Sharpness)
		var colors []string
		for _, c := range v.Colors {
			colors = append(colors, fmt.Sprintf("%s %.0f%%", c.Color, 100*c.Share))
		}
		p.row("", "colours %s; perceptual hash %s", strings.Join(colors, ", "), v.Hashes.Perceptual)
		for _, f := range v.Faces {
			p.row("", "a face at %v, score %.2f, tilted by %.0f degrees", f.Box, f.Score, f.Angle)
		}
	}
}

func (r *Report) printSounds(p *page) {
	for _, a := range r.Sounds {
		s := a.Properties
		p.row("AUDIO", "%s: %.1f s, %d Hz, %d channel(s), level %.1f dBFS, peak %.1f dBFS, %.0f%% silence",
			a.ID, s.Duration.Seconds(), s.Rate, s.Channels, s.RMSDBFS, s.PeakDBFS, 100*s.Silence)
		if len(a.Speech) > 0 {
			var spans []string
			for _, v := range a.Speech {
				spans = append(spans, fmt.Sprintf("%.1f-%.1f s", v.Start.Seconds(), v.End.Seconds()))
			}
			p.row("", "speech at %s", clip(strings.Join(spans, ", "), 72))
		}
		if a.Mel != nil {
			p.row("", "mel spectrogram of %d frames x %d bands, loudness over time:", a.Mel.Frames, a.Mel.Bins)
			p.row("", "%s", sparkline(a.Mel, 72))
		}
	}
}

func (r *Report) printSearch(p *page) {
	if r.Passages == 0 {
		return
	}
	p.row("VECTOR", "%d passages, nearest to %q:", r.Passages, r.Query)
	for _, h := range r.Hits {
		p.row("", "%.2f  %-26s %s", h.Score, clip(h.Source, 26), clip(h.Text, 68))
	}
	g := r.Links.Graph
	p.row("GRAPH", "%d passages and keywords, %d links, %d component(s); terms that passages share:",
		g.Stats.Order, g.Stats.Size, g.Components.Count)
	var central []string
	for _, c := range r.Links.Central {
		central = append(central, c.Node)
	}
	p.row("", "%s", cmp.Or(strings.Join(central, ", "), "none"))
}

// sparkline draws the mean of the bands over time in the given number of columns.
func sparkline(m *dsp.Spectrogram, columns int) string {
	columns = min(columns, m.Frames)
	if columns == 0 {
		return ""
	}
	levels := make([]float64, columns)
	for c := range levels {
		from, to := c*m.Frames/columns, (c+1)*m.Frames/columns
		for _, v := range m.Data[from*m.Bins : to*m.Bins] {
			levels[c] += float64(v) / float64((to-from)*m.Bins)
		}
	}
	low, high := levels[0], levels[0]
	for _, v := range levels {
		low, high = min(low, v), max(high, v)
	}
	bars := []rune(" ▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, v := range levels {
		at := 0
		if high > low {
			at = int((v - low) / (high - low) * float64(len(bars)-1))
		}
		b.WriteRune(bars[at])
	}
	return b.String()
}

// clip shortens s to n characters on one line.
func clip(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:n-1]), " ,") + "…"
}

func round(d time.Duration) time.Duration {
	switch {
	case d > 100*time.Millisecond:
		return d.Round(time.Millisecond)
	case d > time.Millisecond:
		return d.Round(10 * time.Microsecond)
	}
	return d.Round(100 * time.Nanosecond)
}
