package text

import (
	_ "embed" // sentiment.bin
	"encoding/binary"
	"math"
	"sync"
)

// sentimentModel is the linear model, made by TestSentimentModel: linearHeader
// little-endian float32, then the cells.
//
//go:generate go test -run TestSentimentModel -update .
//go:embed sentiment.bin
var sentimentModel string

// maxRating is the highest rating that people could give.
const maxRating = 4

// linear predicts the mean rating that people give, from -4 to 4. It is a
// ridge regression on the scores of VADER and on hashed features of the words.
type linear struct {
	coefficients
	cells [1 << linearBits]uint32
}

// coefficients are what the model has besides the weights of words.
type coefficients struct {
	bias                         float64
	compound, positive, negative float64
	unit                         float64 // of the weights
}

// linearBits is the binary logarithm of the number of cells. A cell has room for
// two features, each an eighth of its hash and a weight.
const linearBits = 15

const linearHeader = 5

var sentimentLinear = sync.OnceValue(func() *linear {
	number := func(i int) uint32 { return binary.LittleEndian.Uint32([]byte(sentimentModel[4*i : 4*i+4])) }
	m := new(linear)
	for i, c := range m.fields() {
		*c = float64(math.Float32frombits(number(i)))
	}
	for i := range m.cells {
		m.cells[i] = number(linearHeader + i)
	}
	return m
})

func (c *coefficients) fields() [linearHeader]*float64 {
	return [...]*float64{&c.bias, &c.compound, &c.positive, &c.negative, &c.unit}
}

// linearCell returns the cell of a feature and the mark that it has there.
func linearCell(feature uint64) (cell uint64, mark uint8) {
	return feature >> (64 - linearBits), uint8(feature)
}

// weight returns the weight of a feature, 0 for an unknown one. Features are spread
// hashes.
func (m *linear) weight(feature uint64) int {
	i, mark := linearCell(feature)
	switch c := m.cells[i]; mark {
	case uint8(c):
		return int(int8(c >> 8))
	case uint8(c >> 16):
		return int(int8(c >> 24))
	}
	return 0
}

// predict returns the rating for a sum of weights and the scores of VADER.
func (c *coefficients) predict(weights float64, v vader) float64 {
	return c.bias + float64(c.unit*weights) + float64(c.compound*v.compound) +
		float64(c.positive*v.positive) + float64(c.negative*v.negative)
}

// features makes the features of the tokens of a sentence, in their order.
type features struct {
	before uint64 // hash of the token before, 0 for none
	scope  int    // tokens that a negation still reaches
	found  [5]uint64
}

const negationScope = 4

// next returns the features of a token: the word, the pair with the token before,
// its first four and six bytes, and the word once more if it stands up to four
// words behind a negation and no mark between. They are valid until the next call.
func (f *features) next(h wordHash, kind TokenKind, c cue) []uint64 {
	f.found[0] = spread(h.whole)
	n := 1
	add := func(hash uint64) {
		f.found[n] = spread(hash)
		n++
	}
	if f.before != 0 {
		add(f.before*5 + h.whole)
	}
	f.before = h.whole
	if kind == TokenPunct {
		f.scope = 0
		return f.found[:n]
	}
	if h.head4 != 0 {
		add(h.head4 ^ 4)
	}
	if h.head6 != 0 {
		add(h.head6 ^ 6)
	}
	switch {
	case c.role&roleNegates != 0 || c.role&roleName == wordWithout:
		f.scope = negationScope
	case f.scope > 0:
		f.scope--
		add(h.whole ^ 8)
	}
	return f.found[:n]
}

// weightShare is what the weights of a body of n sentences are multiplied by.
func weightShare(n int) float64 { return 1 / math.Sqrt(float64(max(1, n))) }
