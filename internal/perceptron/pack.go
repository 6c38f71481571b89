package perceptron

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// The packed form is, all numbers unsigned varints but for the weights: the version,
// the number of labels, of features and of weights; then for each feature, in the
// order of their hashes, the difference to the hash before, how many weights it has,
// and a byte each for the label and the weight.
const version = 1

const maxLabels = fullRow - 1

// maxWeights is what a slot can point to, in cells and in words of full rows.
const maxWeights = 1 << 22

// packer writes the packed form.
type packer struct {
	labels, features, weights int
	out                       []byte
	key, last                 uint32
	cells                     []byte
}

func (p *packer) row(key uint32) {
	p.flush()
	p.key = key
}

func (p *packer) cell(label uint8, weight int8) {
	if weight != 0 {
		p.cells = append(p.cells, label, byte(weight))
	}
}

func (p *packer) flush() {
	if len(p.cells) == 0 {
		return
	}
	p.out = binary.AppendUvarint(p.out, uint64(p.key-p.last))
	p.out = binary.AppendUvarint(p.out, uint64(len(p.cells)/2))
	p.out = append(p.out, p.cells...)
	p.features++
	p.weights += len(p.cells) / 2
	p.last, p.cells = p.key, p.cells[:0]
}

func (p *packer) bytes() []byte {
	p.flush()
	var head []byte
	for _, n := range []int{version, p.labels, p.features, p.weights} {
		head = binary.AppendUvarint(head, uint64(n))
	}
	return append(head, p.out...)
}

// Load reads a model of the given number of labels from the bytes that
// [Trainer.Pack] returned. It keeps no reference to them.
func Load(data []byte, labels int) (*Model, error) {
	r := reader{rest: data}
	v, n := r.uvarint(), r.uvarint()
	features, weights := r.uvarint(), r.uvarint()
	size := uint64(len(r.rest))
	if r.bad || v != version || n != uint64(labels) || labels > maxLabels || features > size/4 || weights > min(size/2, maxWeights) {
		return nil, errors.New("perceptron: not a model of this version and number of labels")
	}
	m := &Model{labels: labels, words: (labels + lanes - 1) / lanes}
	m.grow(int(features))
	key := uint64(0)
	for i := range features {
		delta, count := r.uvarint(), r.uvarint()
		key += delta
		cells := r.take(2 * count)
		if r.bad || key >= 1<<32 || i > 0 && delta == 0 || count == 0 || count > uint64(labels) {
			return nil, errors.New("perceptron: a feature is cut or out of order")
		}
		from := len(m.cells)
		for ; len(cells) > 0; cells = cells[2:] {
			if int(cells[0]) >= labels {
				return nil, errors.New("perceptron: a label is out of range")
			}
			m.cells = append(m.cells, weight{cells[0], int8(cells[1])})
		}
		m.insert(uint32(key), from)
		weights -= min(weights, count)
	}
	if len(r.rest) > 0 || weights > 0 {
		return nil, errors.New("perceptron: a model has more or less than it says")
	}
	return m, nil
}

// reader takes numbers from bytes; bad says that they ended early.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.bad = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

// grow makes room for n features at a load of at most a half.
func (m *Model) grow(n int) {
	m.shift = 32 - bits.Len(uint(2*n))
	m.slots = make([]slot, 1<<(32-m.shift))
}
