package audio

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quintet-ai/quintet/optimize"
)

// hypothesis is a transcript that grows token by token.
type hypothesis struct {
	tokens []int32 // without the end
	sum    float64 // of their log probabilities, that of the end too
	loops  bool    // it was cut because it repeats itself
	state  *decoderState
	logits []float32 // of the next token, before the rules
}

// score is the mean log probability of a token.
func (h hypothesis) score() float64 { return h.sum / float64(len(h.tokens)+1) }

// whisperDecoding decodes one window.
type whisperDecoding struct {
	g     *whisperGraphs
	rules whisperRules
	limit int // tokens
	begin hypothesis
	quiet float64 // probability of silence
}

// newDecoding gives the decoder the prompt of a window, in which the transcript begins
// at start.
func newDecoding(
	ctx context.Context, g *whisperGraphs, sound optimize.Tensor, prompt []int32, start, limit int,
) (*whisperDecoding, error) {
	out, err := g.begin(ctx, sound, prompt)
	if err != nil {
		return nil, err
	}
	d := &whisperDecoding{g: g, rules: whisperRules{g.c}}
	d.limit = max(min(limit, g.c.context-len(prompt)), 0)
	d.begin = hypothesis{state: out.state, logits: out.logits[len(prompt)-1]}
	if g.c.silence >= 0 {
		row := out.logits[start]
		if p := math.Exp(float64(row[g.c.silence]) - logSumExp(row)); p >= 0 { // it is a number
			d.quiet = min(p, 1)
		}
	}
	return d, nil
}

// run returns the best transcript at a temperature.
func (d *whisperDecoding) run(
	ctx context.Context, temperature float64, o TranscriberOptions, rng *rand.Rand,
) (hypothesis, error) {
	switch {
	case temperature == 0 && o.Beams > 1:
		return d.search(ctx, o.Beams, int(math.Round(float64(o.Beams)*o.Patience)))
	case temperature == 0:
		return d.follow(ctx, 0, nil)
	}
	var best hypothesis
	for i := range o.BestOf {
		h, err := d.follow(ctx, temperature, rng)
		if err != nil {
			return h, err
		}
		if i == 0 || h.score() > best.score() {
			best = h
		}
	}
	return best, nil
}

// follow takes the most likely token each time, or draws it.
func (d *whisperDecoding) follow(ctx context.Context, temperature float64, rng *rand.Rand) (hypothesis, error) {
	h := d.begin
	for len(h.tokens) < d.limit {
		logits := slices.Clone(h.logits)
		d.rules.apply(logits, h.tokens)
		id := pick(logits, temperature, rng)
		h.sum += float64(logits[id]) - logSumExp(logits)
		if id == d.g.c.end {
			break
		}
		var done bool
		if h, done = d.append(h, id); done {
			break
		}
		if err := d.goOn(ctx, &h); err != nil {
			return h, err
		}
	}
	return h, nil
}

// append returns h with one more token, whose tokens are its own, and reports
// whether it repeats itself so that it was cut.
func (d *whisperDecoding) append(h hypothesis, id int32) (hypothesis, bool) {
	h.tokens = append(h.tokens[:len(h.tokens):len(h.tokens)], id)
	if !d.g.c.text[id] {
		return h, false
	}
	if n := repeated(d.g.c.textOf(h.tokens)); n > 0 {
		h.tokens, h.loops = d.cut(h.tokens, n), true
	}
	return h, h.loops
}

// cut takes the last n tokens of text away, with the times between them.
func (d *whisperDecoding) cut(tokens []int32, n int) []int32 {
	for n > 0 {
		last := len(tokens) - 1
		if d.g.c.text[tokens[last]] {
			n--
		}
		tokens = tokens[:last]
	}
	return tokens
}

// goOn asks what comes behind the last token.
func (d *whisperDecoding) goOn(ctx context.Context, h *hypothesis) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(h.tokens) >= d.limit {
		return nil
	}
	out, err := d.g.next(ctx, h.state, h.tokens[len(h.tokens)-1])
	if err != nil {
		return err
	}
	h.state, h.logits = out.state, out.logits[0]
	return nil
}

const (
	maxPeriod   = 32 // tokens of what is repeated
	minRepeats  = 4
	minRepeated = 32 // tokens of all repeats
)

// repeated returns how many tokens at the end of a text only repeat what is before
// them, 0 if they are too few to call that a loop.
func repeated(text []int32) int {
	n := len(text)
	for period := 1; period <= maxPeriod; period++ {
		total := max(minRepeats*period, (minRepeated+period-1)/period*period)
		if total > n {
			continue
		}
		tail := text[n-total:]
		if slices.Equal(tail[period:], tail[:total-period]) {
			return total - period
		}
	}
	return 0
}

// pick returns the most likely token, the first of several, or draws one by the
// probabilities at a temperature.
func pick(logits []float32, temperature float64, rng *rand.Rand) int32 {
	best := 0
	for i, v := range logits {
		if v > logits[best] {
			best = i
		}
	}
	if temperature == 0 {
		return int32(best)
	}
	most := float64(logits[best])
	weight := func(v float32) float64 { return math.Exp((float64(v) - most) / temperature) }
	var sum float64
	for _, v := range logits {
		sum += weight(v)
	}
	left := rng.Float64() * sum
	for i, v := range logits {
		if left -= weight(v); left < 0 {
			return int32(i)
		}
	}
	return int32(best)
}
