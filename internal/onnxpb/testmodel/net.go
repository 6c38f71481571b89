package testmodel

import (
	"math/rand/v2"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// net is a graph being built, with the source of its weights.
type net struct {
	*onnxpb.Builder
	rng *rand.Rand
}

func newNet(name string, seed uint64) net {
	return net{onnxpb.NewBuilder(name), rand.New(rand.NewPCG(seed, 0x6f6e6e78))}
}

// normal adds a weight whose elements are normal with the given deviation.
func (n net) normal(name string, deviation float64, dims ...int) string {
	return n.around(name, 0, deviation, dims...)
}

// around adds a weight whose elements are normal around mean.
func (n net) around(name string, mean, deviation float64, dims ...int) string {
	size, shape := 1, make([]int64, len(dims))
	for i, d := range dims {
		size *= d
		shape[i] = int64(d)
	}
	v := make([]float32, size)
	for i := range v {
		v[i] = float32(mean + deviation*n.rng.NormFloat64())
	}
	return n.Weight(onnxpb.NewTensor(name, v, shape...))
}

func (n net) scalar(name string, v float32) string {
	return n.Weight(onnxpb.NewTensor(name, []float32{v}))
}

func (n net) ints(name string, v ...int64) string {
	return n.Weight(onnxpb.NewTensor(name, v, int64(len(v))))
}

func attrs(a ...onnxpb.Attribute) []onnxpb.Attribute { return a }
