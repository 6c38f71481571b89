package text

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// ratedText is a text with the rating that people gave it and what the model sees
// of it.
type ratedText struct {
	set, group string // texts that were cut from one text have one group
	body       string
	rating     float64

	vader    vader
	features []int32 // numbers, with repeats
	share    float64 // of each in the sum
}

// ratedTexts makes features of texts and numbers them.
type ratedTexts struct {
	scorer  sentimentScorer
	hashes  []uint64 // by number
	numbers map[uint64]int32
}

func newCorpus() *ratedTexts { return &ratedTexts{numbers: map[uint64]int32{}} }

// read fills what the model sees of a text.
func (c *ratedTexts) read(x *ratedText) {
	tokens, sentences := Tokens(x.body), Sentences(x.body)
	s := &c.scorer
	s.sentiment(x.body, tokens, sentences)
	var all sentimentPart
	for _, p := range s.parts {
		all.add(p)
	}
	x.vader, x.share = rate(s.words, all.marks), weightShare(len(sentences))
	s.body = x.body
	for _, sentence := range sentences {
		s.features = features{}
		for ; len(tokens) > 0 && tokens[0].Start < sentence.End; tokens = tokens[1:] {
			_, found := s.take(tokens[0])
			for _, hash := range found {
				x.features = append(x.features, c.number(hash))
			}
		}
	}
}

func (c *ratedTexts) number(hash uint64) int32 {
	n, ok := c.numbers[hash]
	if !ok {
		n = int32(len(c.hashes))
		c.numbers[hash] = n
		c.hashes = append(c.hashes, hash)
	}
	return n
}

// ridge is a regression that is being solved: ratings on features, with a penalty
// on the squares of the coefficients.
type ridge struct {
	texts []*ratedText
	used  []bool // by feature: enough texts have it
}

const (
	ridgePenalty = 20
	ridgeRounds  = 40 // of conjugate gradients
	ridgeTexts   = 2  // that have a feature, for it to be used
)

// denseColumns are the columns behind the features: a constant and VADER.
const denseColumns = 4

func (x *ratedText) dense() [denseColumns]float64 {
	return [...]float64{1, maxRating * x.vader.compound, maxRating * x.vader.positive, maxRating * x.vader.negative}
}

// train fits the model to texts.
func (c *ratedTexts) train(texts []*ratedText) *linear {
	counts, last := make([]int32, len(c.hashes)), make([]int, len(c.hashes))
	for i, x := range texts {
		for _, f := range x.features {
			if last[f] != i+1 {
				last[f] = i + 1
				counts[f]++
			}
		}
	}
	r := ridge{texts: texts, used: make([]bool, len(c.hashes))}
	for f, n := range counts {
		r.used[f] = n >= ridgeTexts
	}
	return c.pack(r.solve())
}

// solve returns the coefficients, by conjugate gradients on the normal equations.
// Every product is rounded by itself, so that the result is the same on every
// processor.
func (r *ridge) solve() []float64 {
	ratings := make([]float64, len(r.texts))
	for i, x := range r.texts {
		ratings[i] = x.rating
	}
	rest := r.back(ratings)
	w, way, norm := make([]float64, len(rest)), slices.Clone(rest), squares(rest, rest)
	for range ridgeRounds {
		image := r.back(r.times(way))
		for i := range image {
			image[i] += float64(ridgePenalty * way[i])
		}
		step := norm / squares(way, image)
		for i := range w {
			w[i] += float64(step * way[i])
			rest[i] -= float64(step * image[i])
		}
		next := squares(rest, rest)
		for i := range way {
			way[i] = rest[i] + float64(next/norm*way[i])
		}
		norm = next
	}
	return w
}

// times returns the predictions of coefficients.
func (r *ridge) times(w []float64) []float64 {
	out := make([]float64, len(r.texts))
	for i, x := range r.texts {
		sum := 0.0
		for _, f := range x.features {
			sum += w[f]
		}
		sum *= x.share
		for k, value := range x.dense() {
			sum += float64(value * w[len(r.used)+k])
		}
		out[i] = sum
	}
	return out
}

// back is the transpose of times. It leaves the columns that are not used at 0,
// where they stay.
func (r *ridge) back(v []float64) []float64 {
	out := make([]float64, len(r.used)+denseColumns)
	for i, x := range r.texts {
		share := x.share * v[i]
		for _, f := range x.features {
			out[f] += share
		}
		for k, value := range x.dense() {
			out[len(r.used)+k] += float64(value * v[i])
		}
	}
	for f, used := range r.used {
		if !used {
			out[f] = 0
		}
	}
	return out
}

func squares(a, b []float64) (sum float64) {
	for i := range a {
		sum += float64(a[i] * b[i])
	}
	return sum
}

// pack rounds the weights to bytes. Where more features meet than a cell has room
// for, those with the largest weights stay.
func (c *ratedTexts) pack(w []float64) *linear {
	m, dense := new(linear), w[len(c.hashes):]
	order := make([]int, len(c.hashes))
	for f := range order {
		order[f] = f
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(math.Abs(w[b]), math.Abs(w[a])), cmp.Compare(c.hashes[a], c.hashes[b]))
	})
	m.unit = math.Abs(w[order[0]]) / math.MaxInt8
	for k, to := range []*float64{&m.compound, &m.positive, &m.negative} {
		*to = maxRating * dense[k+1]
	}
	m.bias = dense[0]
	for _, field := range m.fields() {
		*field = float64(float32(*field)) // as in the file
	}
	for _, f := range order {
		weight := int8(math.Round(w[f] / m.unit))
		if weight == 0 {
			break
		}
		m.place(c.hashes[f], weight)
	}
	return m
}

// place gives a feature its weight unless its cell is full or has its mark.
func (m *linear) place(feature uint64, weight int8) {
	i, mark := linearCell(feature)
	half := uint32(mark) | uint32(uint8(weight))<<8
	switch cell := m.cells[i]; {
	case cell == 0:
		m.cells[i] = half
	case cell>>16 == 0 && uint8(cell) != mark:
		m.cells[i] |= half << 16
	}
}

// bytes is the file of the model.
func (m *linear) bytes() []byte {
	var b []byte
	for _, field := range m.fields() {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(*field)))
	}
	for _, cell := range m.cells {
		b = binary.LittleEndian.AppendUint32(b, cell)
	}
	return b
}

// predictText is the rating that the model predicts for a text.
func (c *ratedTexts) predictText(m *linear, x *ratedText) float64 {
	sum := 0
	for _, f := range x.features {
		sum += m.weight(c.hashes[f])
	}
	return m.predict(float64(sum)*x.share, x.vader)
}
