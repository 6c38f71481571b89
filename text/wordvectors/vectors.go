package wordvectors

import (
	_ "embed" // the table
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/quintet-ai/quintet"
)

//go:generate go run ./gen

// table has a layout that ./gen explains. It is read where the program has it.
//
//go:embed vectors.bin
var table string

// Dim is the length of a vector.
const Dim = 100

// Options configures [Vectors]. The zero value uses all words.
type Options struct {
	// Words is how many of the words are used, the most frequent ones. Default:
	// all 40,000.
	Words int

	// KeepCommon leaves in the vector of a text what all texts have in common.
	KeepCommon bool
}

// Vectors holds the vectors of words. It is safe for concurrent use.
type Vectors struct {
	opt     Options
	common  [Dim]float32
	scales  string // and weights
	numbers string
	ends    string
	words   string
	slots   []uint16 // hash table: number of a word, 1 to 65,535
}

const magic = "qwv1"

var errTable = errors.New("wordvectors: the table is damaged")

// New returns the vectors, or an error wrapping [quintet.ErrOption]. It takes about
// two milliseconds and 256 KB.
func New(o Options) (*Vectors, error) {
	if o.Words < 0 {
		return nil, fmt.Errorf("wordvectors: Words is %d: %w", o.Words, quintet.ErrOption)
	}
	v := &Vectors{opt: o}
	if err := v.open(table); err != nil {
		return nil, err
	}
	return v, nil
}

func (v *Vectors) open(data string) error {
	if len(data) < len(magic)+4+4*Dim || data[:len(magic)] != magic {
		return errTable
	}
	n := int(word(data, len(magic)))
	data = data[len(magic)+4:]
	if n == 0 || n > math.MaxUint16 || len(data) < 4*Dim+n*(8+Dim+4) {
		return errTable
	}
	for i := range v.common {
		v.common[i] = number(data, 4*i)
	}
	cut := func(size int) (part string) {
		part, data = data[:size], data[size:]
		return part
	}
	cut(4 * Dim)
	v.scales, v.numbers, v.ends, v.words = cut(8*n), cut(Dim*n), cut(4*n), data
	if v.opt.Words == 0 || v.opt.Words > n {
		v.opt.Words = n
	}
	return v.index()
}

func (v *Vectors) index() error {
	v.slots = make([]uint16, 2<<bits.Len(uint(v.opt.Words)))
	last := uint32(0)
	for i := range v.opt.Words {
		end := word(v.ends, 4*i)
		if end < last || int(end) > len(v.words) {
			return errTable
		}
		at := hash(v.words[last:end]) & uint64(len(v.slots)-1)
		for v.slots[at] != 0 {
			at = (at + 1) & uint64(len(v.slots)-1)
		}
		v.slots[at] = uint16(i + 1)
		last = end
	}
	return nil
}

// name returns a word by its number.
func (v *Vectors) name(i int) string {
	start := uint32(0)
	if i > 0 {
		start = word(v.ends, 4*(i-1))
	}
	return v.words[start:word(v.ends, 4*i)]
}

// find returns the number of a word in lower case, or -1.
func (v *Vectors) find(s []byte) int {
	for at := hash(s) & uint64(len(v.slots)-1); v.slots[at] != 0; at = (at + 1) & uint64(len(v.slots)-1) {
		if i := int(v.slots[at]) - 1; v.name(i) == string(s) {
			return i
		}
	}
	return -1
}

// hash is FNV-1a, with its bits mixed.
func hash[S string | []byte](s S) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return h ^ h>>32
}

// scale and weight return what the numbers of a word are multiplied by to get its
// vector, and how much that counts in a text.
func (v *Vectors) scale(i int) float32  { return number(v.scales, 8*i) }
func (v *Vectors) weight(i int) float32 { return number(v.scales, 8*i+4) }

// addTo adds the vector of a word, times a factor, to dst, of length Dim.
func (v *Vectors) addTo(dst []float32, i int, factor float32) {
	factor *= v.scale(i)
	numbers := v.numbers[i*Dim : (i+1)*Dim]
	for j := range dst[:Dim] {
		dst[j] += factor * float32(int8(numbers[j]))
	}
}

func word(s string, i int) uint32 { return binary.LittleEndian.Uint32([]byte(s[i : i+4])) }

func number(s string, i int) float32 { return math.Float32frombits(word(s, i)) }
