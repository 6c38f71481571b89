//go:build !race

package vector_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/vector"
)

// The race detector makes pools forget on purpose, hence the build tag.
func TestASearchAllocatesItsHitsOnly(t *testing.T) {
	for _, kind := range []vector.IndexKind{vector.Flat, vector.HNSW} {
		for _, quant := range []vector.Quantization{vector.None, vector.SQ8} {
			c := open(t, vector.WalkAlways(vector.Options{
				Dim: 64, Index: kind, Quantization: quant, EfConstruction: 30, Runtime: workers(t, 1),
			}))
			vs := synth.Clusters(1, 1500, 64, 5)
			for i, v := range vs {
				upsert(t, c, item{ID: strconv.Itoa(i), Vector: v})
			}
			vector.Settle(c)
			for _, f := range []vector.Filter{{}, vector.Not(vector.Eq("lang", "en"))} {
				q := query{Vector: vs[0], Filter: f}
				search(t, c, q) // once for memory that is kept
				n := testing.AllocsPerRun(100, func() { search(t, c, q) })
				require.LessOrEqual(t, n, 1.0)
			}
		}
	}
}
