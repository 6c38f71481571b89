package audio

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// whisperGraphs are the sessions of a Whisper model. There are three ways to go on
// behind earlier tokens: decoder has a branch for it, later does it, or decoder gets
// all tokens again.
type whisperGraphs struct {
	c       *whisperConfig
	encoder optimize.Session
	decoder optimize.Session
	later   optimize.Session // nil, decoder, or the one with past keys and values
}

// Names of inputs and outputs as the exporter Optimum gives them.
const (
	pastPrefix    = "past_key_values."
	presentPrefix = "present."
	crossPrefix   = "cross_attentions."
	branchInput   = "use_cache_branch"
)

func openWhisperGraphs(ctx context.Context, o TranscriberOptions, c *whisperConfig) (g *whisperGraphs, err error) {
	g = &whisperGraphs{c: c}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.close())
		}
	}()
	name, folder, err := graphName(o.Model)
	if err != nil {
		return g, err
	}
	suffix, ok := strings.CutPrefix(name, "encoder_model")
	if !ok {
		return g, fmt.Errorf("Model is the file %s, not encoder_model.onnx: %w", name, quintet.ErrModel)
	}
	if g.encoder, err = openSession(ctx, o.Runtime, o.Model, o.Session); err != nil {
		return g, err
	}
	open := func(name string) (optimize.Session, error) {
		m, err := sibling(o.Model, folder, name+suffix)
		if err != nil {
			return nil, err
		}
		return openSession(ctx, o.Runtime, m, o.Session)
	}
	if g.decoder, err = open("decoder_model_merged"); err == nil {
		g.later = g.decoder
		return g, g.check()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return g, err
	}
	if g.decoder, err = open("decoder_model"); err != nil {
		return g, fmt.Errorf("neither decoder_model_merged%s nor decoder_model%s: %w", suffix, suffix, err)
	}
	if g.later, err = open("decoder_with_past_model"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return g, err
	}
	return g, g.check()
}

func (g *whisperGraphs) close() error {
	var errs []error
	for _, s := range []optimize.Session{g.encoder, g.decoder, g.later} {
		if s != nil {
			errs = append(errs, s.Close()) // twice is harmless
		}
	}
	return errors.Join(errs...)
}

// check returns why the graphs do not work together, or nil.
func (g *whisperGraphs) check() error {
	in := g.encoder.Inputs()
	if len(in) != 1 || in[0].DType != optimize.Float32 {
		return fmt.Errorf("the encoder's inputs are %v, not input_features of float32: %w", in, quintet.ErrModel)
	}
	if g.decoder.Outputs()[0].Name != "logits" {
		return fmt.Errorf("the decoder's first output is %v, not logits: %w", g.decoder.Outputs()[0], quintet.ErrModel)
	}
	past := func(s optimize.Session) (n int, err error) {
		for _, info := range s.Inputs() {
			_, isPast := strings.CutPrefix(info.Name, pastPrefix)
			switch {
			case isPast && len(info.Shape) == 4 && info.DType == optimize.Float32:
				n++
			case isPast, !knownInput(info.Name):
				return n, fmt.Errorf("no use for the decoder's input %v: %w", info, quintet.ErrModel)
			}
		}
		return n, nil
	}
	n, err := past(g.decoder)
	switch {
	case err != nil:
		return err
	case n > 0 && g.later != g.decoder:
		return fmt.Errorf("decoder_model wants %d past keys and values: %w", n, quintet.ErrModel)
	case g.later == nil:
		return nil
	}
	if n, err = past(g.later); err == nil && n == 0 {
		err = fmt.Errorf("the decoder takes no past keys and values: %w", quintet.ErrModel)
	}
	return err
}

func knownInput(name string) bool {
	switch name {
	case "input_ids", "encoder_hidden_states", branchInput, "cache_position", "position_ids", "attention_mask",
		"decoder_attention_mask", "encoder_attention_mask":
		return true
	}
	return false
}
