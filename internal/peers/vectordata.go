package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"

	"github.com/quintet-ai/quintet/vector"
)

// neighbours is how many of the nearest vectors a query asks for.
const neighbours = 10

// dataSet is vectors, queries of the same distribution and the truth about them, in
// memory and, for other programs, in a folder.
type dataSet struct {
	dim           int
	base, queries [][]float32
	truth         [][]int // the rows of base nearest to each query, nearest first
	dir           string
}

// mixture says how a dataSet is drawn: clusters around centres of 32 hidden
// dimensions, each in a subspace of its own.
type mixture struct {
	seed               uint64
	base, queries, dim int
	clusters, subspace int
	noise, spread      float64
	normalised         bool
}

// The sets of research: C is hard, like word vectors (local intrinsic dimension
// about 23), D like embeddings of sentences (about 15).
var (
	setC = sync.OnceValues(func() (*dataSet, error) {
		return mixture{3, 100_000, 1000, 128, 200, 28, 0.45, 0.55, false}.draw("c")
	})
	setD = sync.OnceValues(func() (*dataSet, error) {
		return mixture{5, 30_000, 500, 384, 120, 28, 0.35, 0.55, true}.draw("d")
	})
)

// draw makes the set and writes its folder.
func (m mixture) draw(name string) (*dataSet, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	d := &dataSet{dim: m.dim, dir: filepath.Join(cache, "quintet-test", "vector-"+name)}
	all := m.vectors()
	d.base, d.queries = all[:m.base], all[m.base:]
	if d.truth, err = exact(d.base, d.queries); err != nil {
		return nil, err
	}
	return d, d.write()
}

func (m mixture) vectors() [][]float32 {
	const hidden = 32
	rng := rand.New(rand.NewPCG(m.seed, 1))
	normal := func(n int, scale float64) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(rng.NormFloat64() * scale)
		}
		return v
	}
	toSpace := normal(hidden*m.dim, 1/math.Sqrt(hidden))
	centres, bases, weights := make([][]float32, m.clusters), make([][]float32, m.clusters), make([]float64, m.clusters)
	total := 0.0
	for c := range centres {
		centres[c] = combine(make([]float32, m.dim), normal(hidden, m.spread), toSpace)
		bases[c] = normal(m.subspace*m.dim, 1/math.Sqrt(float64(m.subspace)))
		total += 1 / (1 + 0.02*float64(c))
		weights[c] = total
	}
	out := make([][]float32, m.base+m.queries)
	for i := range out {
		c, at := 0, rng.Float64()*total
		for weights[c] < at {
			c++
		}
		v := normal(m.dim, m.noise)
		for j, x := range centres[c] {
			v[j] += x
		}
		out[i] = combine(v, normal(m.subspace, 1), bases[c])
		if m.normalised {
			normalise(out[i])
		}
	}
	return out
}

// combine adds to v the rows of a matrix, each times a weight.
func combine(v, weights, rows []float32) []float32 {
	for k, w := range weights {
		for j, x := range rows[k*len(v) : (k+1)*len(v)] {
			v[j] += w * x
		}
	}
	return v
}

func normalise(v []float32) {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	for j := range v {
		v[j] *= float32(1 / math.Sqrt(sum))
	}
}

// exact finds the truth with a collection that compares everything.
func exact(base, queries [][]float32) ([][]int, error) {
	c, err := vector.New[int](vector.Options{Dim: len(base[0]), Metric: vector.L2, Index: vector.Flat})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := fill(c, base); err != nil {
		return nil, err
	}
	asked := make([]vector.Query, len(queries))
	for i, q := range queries {
		asked[i] = vector.Query{Vector: q, K: neighbours}
	}
	answers, err := c.SearchBatch(context.Background(), asked)
	if err != nil {
		return nil, err
	}
	truth := make([][]int, len(answers))
	for i, hits := range answers {
		for _, h := range hits {
			truth[i] = append(truth[i], h.ID)
		}
	}
	return truth, nil
}

// fill upserts the rows under their numbers.
func fill(c *vector.Collection[int], rows [][]float32) error {
	items := make([]vector.Item[int], len(rows))
	for i, v := range rows {
		items[i] = vector.Item[int]{ID: i, Vector: v}
	}
	return c.Upsert(context.Background(), items...)
}

// write makes the folder say what d does. An index of other vectors goes.
func (d *dataSet) write() error {
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return err
	}
	var truth []byte
	for _, ids := range d.truth {
		for _, id := range ids {
			truth = binary.LittleEndian.AppendUint32(truth, uint32(id))
		}
	}
	for name, b := range map[string][]byte{"base.f32": floats(d.base), "query.f32": floats(d.queries), "truth.i32": truth} {
		path := filepath.Join(d.dir, name)
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, b) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(d.dir, savedIndex)); err != nil {
			return err
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func floats(rows [][]float32) (b []byte) {
	for _, v := range rows {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	}
	return b
}
