package audio

import (
	"context"
	"fmt"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// decoderState is what the decoder knows. It is not changed by going on from it, so
// several texts may.
type decoderState struct {
	sound  optimize.Tensor // what the encoder gave
	tokens []int32
	past   map[string]optimize.Tensor // by the names behind the prefixes
}

// decoded is what the decoder gave.
type decoded struct {
	state  *decoderState
	logits [][]float32                // of the token behind each new one
	cross  map[string]optimize.Tensor // attention over the sound, by the number of the layer
}

// encode gives the encoder's view of a window's features, mels times frames.
func (g *whisperGraphs) encode(ctx context.Context, features []float32) (optimize.Tensor, error) {
	x, err := optimize.NewTensor(features, 1, g.c.mels, g.c.samples/g.c.hop)
	if err != nil {
		return x, err
	}
	out, err := g.encoder.Run(ctx, []optimize.Tensor{x})
	if err != nil {
		return x, err
	}
	if y := out[0]; y.Rank() != 3 || y.Dim(1) != g.c.positions || y.DType() != optimize.Float32 {
		return x, fmt.Errorf("the encoder gave %v, want %d positions: %w", y, g.c.positions, quintet.ErrModel)
	}
	return out[0], nil
}

// begin gives the decoder the first tokens.
func (g *whisperGraphs) begin(ctx context.Context, sound optimize.Tensor, tokens []int32) (decoded, error) {
	return g.run(ctx, g.decoder, &decoderState{sound: sound}, tokens, false)
}

// next gives the decoder one more token.
func (g *whisperGraphs) next(ctx context.Context, s *decoderState, token int32) (decoded, error) {
	if g.later != nil {
		return g.run(ctx, g.later, s, []int32{token}, true)
	}
	all := append(append(make([]int32, 0, len(s.tokens)+1), s.tokens...), token)
	d, err := g.begin(ctx, s.sound, all)
	if err == nil {
		d.logits = d.logits[len(d.logits)-1:]
	}
	return d, err
}

func (g *whisperGraphs) run(
	ctx context.Context, session optimize.Session, s *decoderState, tokens []int32, branch bool,
) (decoded, error) {
	in, err := inputsOf(session, func(info optimize.TensorInfo) (optimize.Tensor, error) {
		return g.input(info, s, tokens, branch)
	})
	if err != nil {
		return decoded{}, err
	}
	out, err := session.Run(ctx, in)
	if err != nil {
		return decoded{}, err
	}
	d := decoded{cross: map[string]optimize.Tensor{}, state: &decoderState{
		sound: s.sound, past: map[string]optimize.Tensor{},
		tokens: append(append(make([]int32, 0, len(s.tokens)+len(tokens)), s.tokens...), tokens...),
	}}
	for i, info := range session.Outputs() {
		if name, ok := strings.CutPrefix(info.Name, presentPrefix); ok {
			d.state.past[name] = out[i]
		}
		if layer, ok := strings.CutPrefix(info.Name, crossPrefix); ok {
			d.cross[layer] = out[i]
		}
	}
	for name, x := range s.past {
		// The encoder's keys and values stay; graphs leave them out or give empty ones.
		if now := d.state.past[name]; now.Len() == 0 || strings.Contains(name, ".encoder.") {
			d.state.past[name] = x
		}
	}
	d.logits, err = g.rows(out[0], len(tokens))
	return d, err
}

// input returns the tensor for an input of the decoder.
func (g *whisperGraphs) input(
	info optimize.TensorInfo, s *decoderState, tokens []int32, branch bool,
) (optimize.Tensor, error) {
	n, total := len(tokens), len(s.tokens)+len(tokens)
	switch info.Name {
	case "input_ids":
		ids := make([]int64, n)
		for i, id := range tokens {
			ids[i] = int64(id)
		}
		return optimize.NewTensor(ids, 1, n)
	case "encoder_hidden_states":
		return s.sound, nil
	case branchInput:
		return optimize.NewTensor([]bool{branch}, 1)
	case "cache_position":
		return optimize.NewTensor(counting(len(s.tokens), n), n)
	case "position_ids":
		return optimize.NewTensor(counting(len(s.tokens), n), 1, n)
	case "attention_mask", "decoder_attention_mask":
		return ones(total)
	case "encoder_attention_mask":
		return ones(g.c.positions)
	}
	name := strings.TrimPrefix(info.Name, pastPrefix)
	if x, ok := s.past[name]; ok {
		return x, nil
	}
	if branch {
		return optimize.Tensor{}, fmt.Errorf("the decoder gives no %s%s: %w", presentPrefix, name, quintet.ErrModel)
	}
	heads, width := info.Shape[1], info.Shape[3]
	if heads < 0 {
		heads = g.c.heads
	}
	if width < 0 {
		width = g.c.width
	}
	length := max(info.Shape[2], 0)
	if err := bounded("length of "+info.Name, length, 0, maxContext); err != nil {
		return optimize.Tensor{}, err
	}
	return optimize.Zeros[float32](1, heads, length, width)
}

// counting returns n numbers from first on.
func counting(first, n int) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(first + i)
	}
	return out
}

func ones(n int) (optimize.Tensor, error) {
	out := make([]int64, n)
	for i := range out {
		out[i] = 1
	}
	return optimize.NewTensor(out, 1, n)
}

// rows returns the logits of n tokens.
func (g *whisperGraphs) rows(x optimize.Tensor, n int) ([][]float32, error) {
	if x.Rank() != 3 || x.Dim(0) != 1 || x.Dim(1) != n || x.Dim(2) != g.c.vocab {
		return nil, fmt.Errorf("the decoder gave logits %v for %d tokens of %d: %w", x, n, g.c.vocab, quintet.ErrModel)
	}
	data, err := optimize.Data[float32](x)
	if err != nil {
		return nil, fmt.Errorf("logits: %w: %w", err, quintet.ErrModel)
	}
	rows := make([][]float32, n)
	for i := range rows {
		rows[i] = data[i*g.c.vocab : (i+1)*g.c.vocab : (i+1)*g.c.vocab]
	}
	return rows, nil
}
