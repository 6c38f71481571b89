package audio

import "math"

// whisperRules say which token may come next. They are those of the reference
// implementation: Radford et al., Robust Speech Recognition via Large-Scale Weak
// Supervision, 2022, section 4.5.
type whisperRules struct{ c *whisperConfig }

var minusInf = float32(math.Inf(-1))

// apply sets the logits of tokens that must not follow the transcript so far to minus
// infinity; one that is not a number counts as that, and infinity as the largest number.
// If nothing is left, the end is.
func (r whisperRules) apply(logits []float32, tokens []int32) {
	c := r.c
	for id, v := range logits {
		if c.never[id] || v != v || len(tokens) == 0 && c.first[id] {
			logits[id] = minusInf
		} else if v > math.MaxFloat32 {
			logits[id] = math.MaxFloat32
		}
	}
	r.times(logits, tokens)
	if text, times := r.weights(logits); times > text {
		r.forbidText(logits)
	}
	for _, v := range logits {
		if v > minusInf {
			return
		}
	}
	logits[c.end] = 0
}

// times keeps times in pairs, in order, and one at the begin.
func (r whisperRules) times(logits []float32, tokens []int32) {
	c, n := r.c, len(tokens)
	first := int(c.firstTime)
	if n == 0 {
		r.forbidText(logits)
		if c.maxFirst >= 0 {
			forbid(logits, first+c.maxFirst+1, len(logits))
		}
		return
	}
	last := c.isTime(tokens[n-1])
	pair := n < 2 || c.isTime(tokens[n-2])
	switch {
	case last && pair:
		forbid(logits, first, len(logits)) // text or the end
	case last:
		for id, text := range c.text {
			if text {
				logits[id] = minusInf
			}
		}
	}
	for i := n - 1; i >= 0; i-- {
		if c.isTime(tokens[i]) {
			least := int(tokens[i])
			if !last || pair {
				least++ // a segment takes time
			}
			forbid(logits, first, least)
			return
		}
	}
}

// forbidText leaves times only.
func (r whisperRules) forbidText(logits []float32) { forbid(logits, 0, int(r.c.firstTime)) }

func forbid(logits []float32, from, to int) {
	for i := from; i < min(to, len(logits)); i++ {
		logits[i] = minusInf
	}
}

// weights returns the largest logit of what is no time, and the logarithm of the
// summed weight of all times: a time is due when all together are more likely than
// every other token.
func (r whisperRules) weights(logits []float32) (text, times float64) {
	text = math.Inf(-1)
	first := min(int(r.c.firstTime), len(logits))
	for _, v := range logits[:first] {
		text = max(text, float64(v))
	}
	return text, logSumExp(logits[first:])
}

// logSumExp returns the logarithm of the sum of the exponentials.
func logSumExp(x []float32) float64 {
	most := math.Inf(-1)
	for _, v := range x {
		most = max(most, float64(v))
	}
	if math.IsInf(most, 0) {
		return most
	}
	var sum float64
	for _, v := range x {
		if d := float64(v) - most; d > -50 { // smaller ones change nothing
			sum += math.Exp(d)
		}
	}
	return most + math.Log(sum)
}

// logOf is the natural logarithm of a probability, at least that of 1e-10.
func logOf(p float64) float64 { return math.Log(max(p, 1e-10)) }
