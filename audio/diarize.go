package audio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
)

// DiarizeOptions configures [SpeakerEmbedder.Diarize].
type DiarizeOptions struct {
	// Window is how much sound an embedding is of, and so about how long a turn
	// within a segment must be to be found. Default: 1.5 s.
	Window time.Duration

	// Clusters says which embeddings are one speaker.
	Clusters SpeakerClusterOptions
}

func (o DiarizeOptions) withDefaults() (DiarizeOptions, error) {
	if o.Window < 0 || o.Window > 0 && o.Window < shortestSound {
		return o, fmt.Errorf("audio: Window is %v, must be at least %v: %w", o.Window, shortestSound, quintet.ErrOption)
	}
	if o.Window == 0 {
		o.Window = 1500 * time.Millisecond
	}
	var err error
	o.Clusters, err = o.Clusters.withDefaults()
	return o, err
}

// Turn is a part of a clip in which one person speaks.
type Turn struct {
	// Segment is where, and the Score of the segment of speech that it is of.
	Segment

	// Speaker is who, from 0 in order of first appearance. The number means
	// nothing beyond the clip.
	Speaker int `json:"speaker"`
}

// diarization is one call.
type diarization struct {
	clip   Clip
	speech []Segment
	o      DiarizeOptions
}

// Diarize tells who speaks when: the segments of speech, as a [VoiceDetector] finds them
// in the clip, are cut into windows, each of which is embedded, and the embeddings
// clustered by [ClusterSpeakers]; neighbouring windows of one speaker in a segment become
// a turn. Turns are in order and cover the segments. People who speak at once are one
// turn.
//
// Errors wrap [quintet.ErrOption], or [quintet.ErrInput] for a clip that is not valid, for
// segments that are empty, not in order or not in the clip, or for more windows than
// ClusterSpeakers takes, some three hours of speech; else they are those of Run.
func (e *SpeakerEmbedder) Diarize(ctx context.Context, c Clip, speech []Segment, o DiarizeOptions) ([]Turn, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	turns, err := e.turns.Run(ctx, diarization{c, speech, o})
	if err == nil {
		return turns, nil
	}
	var q *quintet.Error
	if errors.As(err, &q) {
		err = q.Err
	}
	return nil, &quintet.Error{Op: "audio.SpeakerEmbedder.Diarize", Index: -1, Err: err}
}

func (e *SpeakerEmbedder) diarize(ctx context.Context, d diarization) ([]Turn, error) {
	turns, err := d.windows()
	if err != nil {
		return nil, err
	}
	embeddings := make([][]float32, len(turns))
	for i, t := range turns {
		if embeddings[i], err = e.step(ctx, d.clip.Slice(t.Start, t.End)); err != nil {
			return nil, err
		}
	}
	speakers, err := ClusterSpeakers(embeddings, d.o.Clusters)
	if err != nil {
		return nil, err
	}
	var out []Turn
	for i, t := range turns {
		t.Speaker = speakers[i]
		if n := len(out); n > 0 && out[n-1].Speaker == t.Speaker && out[n-1].End == t.Start {
			out[n-1].End = t.End
			continue
		}
		out = append(out, t)
	}
	return out, nil
}

// windows cuts the segments into pieces of one length each, near to Window.
func (d diarization) windows() ([]Turn, error) {
	if err := d.clip.check(); err != nil {
		return nil, err
	}
	var out []Turn
	end := time.Duration(0)
	for i, s := range d.speech {
		if s.Start < end || s.End <= s.Start || s.End > d.clip.Duration() {
			return nil, fmt.Errorf("segment %d is from %v to %v after %v of %v: %w",
				i, s.Start, s.End, end, d.clip.Duration(), quintet.ErrInput)
		}
		end = s.End
		n := max((s.End-s.Start+d.o.Window/2)/d.o.Window, 1)
		if int64(len(out))+int64(n) > maxClustered {
			return nil, fmt.Errorf("more than %d windows of %v: %w", maxClustered, d.o.Window, quintet.ErrInput)
		}
		for k := range n {
			part := Segment{Start: s.Start + (s.End-s.Start)/n*k, End: s.Start + (s.End-s.Start)/n*(k+1), Score: s.Score}
			if k == n-1 {
				part.End = s.End
			}
			out = append(out, Turn{Segment: part})
		}
	}
	return out, nil
}
