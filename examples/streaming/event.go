package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"math"
	"time"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/optimize"
)

// event is a line of the output. Times are seconds from the beginning of the sound.
type event struct {
	// Event is "begin" and "end" of speech or, with a model, "draft", which the next
	// event replaces, and "text".
	Event    string  `json:"event"`
	Start    float64 `json:"start"`
	End      float64 `json:"end,omitempty"`
	Score    float64 `json:"score,omitempty"` // of end and text, 0 to 1
	Text     string  `json:"text,omitempty"`
	Language string  `json:"language,omitempty"`
}

// hearing turns parts of a sound into events.
type hearing func(ctx context.Context, parts iter.Seq[audio.Clip]) iter.Seq2[event, error]

// open returns the hearing that the flags ask for and what ends it.
func open(c command) (hearing, func() error, error) {
	if c.model == "" {
		d, err := audio.NewVoiceDetector(audio.VoiceDetectorOptions{MinSilence: c.silence})
		if err != nil {
			return nil, nil, err
		}
		return func(ctx context.Context, parts iter.Seq[audio.Clip]) iter.Seq2[event, error] {
			return events(d.Listen(ctx, parts), voiceEvent)
		}, d.Close, nil
	}
	m, err := optimize.OpenModel(c.model)
	if err != nil {
		return nil, nil, err
	}
	t, err := audio.NewTranscriber(audio.TranscriberOptions{
		Model: m, Language: c.language, Voice: audio.VoiceDetectorOptions{MinSilence: c.silence},
	})
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, parts iter.Seq[audio.Clip]) iter.Seq2[event, error] {
		return events(t.Listen(ctx, parts), textEvent)
	}, t.Close, nil
}

// events makes events of what a pipeline tells.
func events[E any](told iter.Seq2[E, error], make func(E) event) iter.Seq2[event, error] {
	return func(yield func(event, error) bool) {
		for e, err := range told {
			if !yield(make(e), err) {
				return
			}
		}
	}
}

func voiceEvent(e audio.VoiceEvent) event {
	if !e.Ended {
		return event{Event: "begin", Start: seconds(e.Start)}
	}
	return event{Event: "end", Start: seconds(e.Start), End: seconds(e.End), Score: thousandths(e.Score)}
}

func textEvent(e audio.TranscriptEvent) event {
	out := event{Event: "draft", Start: seconds(e.Start), End: seconds(e.End), Text: e.Text, Language: e.Language}
	if e.Final {
		out.Event, out.Score = "text", thousandths(e.Score)
	}
	return out
}

func seconds(d time.Duration) float64 { return thousandths(d.Seconds()) }

func thousandths(x float64) float64 { return math.Round(x*1000) / 1000 }

// tell writes events as they come, one a line.
func tell(ctx context.Context, out io.Writer, all iter.Seq2[event, error]) error {
	lines := json.NewEncoder(out)
	for e, err := range all {
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			return nil // Ctrl-C is how a live sound ends
		}
		if err != nil {
			return err
		}
		if err := lines.Encode(e); err != nil {
			return err
		}
	}
	return nil
}
