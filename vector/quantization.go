package vector

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/hnsw"
)

// Quantization says how exactly vectors are kept, and what codes of them a graph has
// besides. Searches walk by codes, which is faster as there is less memory to read, and
// rank what they find by the vectors themselves.
type Quantization int

// The quantizations.
const (
	// None keeps vectors as float32 and has no codes.
	None Quantization = iota

	// SQ8 has codes of 8 bits a dimension, with a scale for each vector.
	SQ8

	// F16 has no codes and keeps the vectors themselves as 16-bit floats, half the
	// memory, with or without a graph. Floats must not exceed 65,504. Distances err
	// by up to a 2,048th of a vector's length, and Get gives back what was kept.
	F16

	// Binary has codes of 1 bit a dimension: the signs of a vector, taken from the
	// middle of all and turned at random. Its walks keep more candidates, twice as many
	// for 64 dimensions, and rank all of them by their vectors. It wants some hundred
	// dimensions, and finds less than SQ8 where near vectors differ little beside
	// their distance from the middle.
	Binary
)

// String returns the name in lower case.
func (q Quantization) String() string { return nameOf(q, "quantization", quantizations()) }

// MarshalText returns the name of a known quantization.
func (q Quantization) MarshalText() ([]byte, error) { return marshalName(q, quantizations()) }

// UnmarshalText reads a name: none, sq8, f16 or binary.
func (q *Quantization) UnmarshalText(name []byte) (err error) {
	*q, err = unmarshalName[Quantization](name, "quantization", quantizations())
	return err
}

func quantizations() []string { return []string{"none", "sq8", "f16", "binary"} }

// checkRange refuses vectors that cannot be kept when they are multiplied by scale.
func (q Quantization) checkRange(v []float32, scale float64) error {
	if q != F16 {
		return nil
	}
	for i, x := range v {
		if !hnsw.FitsHalf(float32(float64(x) * scale)) {
			return fmt.Errorf("vector has %v at %d, f16 has %d at most: %w", x, i, hnsw.MaxHalf, quintet.ErrInput)
		}
	}
	return nil
}

// codes returns the codes that a quantization has.
func (q Quantization) codes() hnsw.Codes {
	switch q {
	case SQ8:
		return hnsw.Code8
	case Binary:
		return hnsw.Code1
	}
	return hnsw.NoCodes
}

// quantization says what a collection has at the moment.
func (c *Collection[K]) quantization() Quantization {
	switch {
	case c.opt.Quantization == F16:
		return F16
	case c.graph == nil || c.graph.Codes() == hnsw.NoCodes:
		return None
	case c.graph.Codes() == hnsw.Code1:
		return Binary
	}
	return SQ8
}
