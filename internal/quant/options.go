package quant

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// Embeddings says what happens to tables that Gather picks rows from.
type Embeddings int

const (
	Float32   Embeddings = iota // stay as they are
	PerRow                      // become int8 with a scale for each row
	PerTensor                   // become int8 with one scale: smaller by 4 bytes a row, less accurate
)

// Options say how to quantise. The zero value suits every processor.
type Options struct {
	Bits       int        // of weights in linear layers: 7, or 8 for processors with VNNI or dot products; 7
	OneScale   bool       // one scale for a whole weight instead of one for each column
	Embeddings Embeddings // what happens to embedding tables; Float32
	MinWeights int        // weights with fewer elements are left alone; 4096
	Keep       []string   // names of nodes to leave alone
}

func (o Options) withDefaults() (Options, error) {
	switch {
	case o.Bits != 0 && o.Bits != 7 && o.Bits != 8:
		return o, fmt.Errorf("quant: %d bits, want 7 or 8: %w", o.Bits, quintet.ErrOption)
	case o.Embeddings < Float32 || o.Embeddings > PerTensor:
		return o, fmt.Errorf("quant: embeddings %d: %w", o.Embeddings, quintet.ErrOption)
	case o.MinWeights < 0:
		return o, fmt.Errorf("quant: negative least number of weights: %w", quintet.ErrOption)
	}
	if o.Bits == 0 {
		o.Bits = 7
	}
	if o.MinWeights == 0 {
		o.MinWeights = 4096
	}
	return o, nil
}

// limit is the largest quantised weight of a linear layer.
func (o Options) limit() int {
	if o.Bits == 7 {
		return 64
	}
	return 127
}
