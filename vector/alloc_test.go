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
	c := open(t, vector.Options{Dim: 64, Runtime: workers(t, 1)})
	vs := synth.Clusters(1, 1000, 64, 5)
	for i, v := range vs {
		upsert(t, c, item{ID: strconv.Itoa(i), Vector: v})
	}
	q := query{Vector: vs[0], Filter: vector.Not(vector.Eq("lang", "en"))}
	n := testing.AllocsPerRun(100, func() { search(t, c, q) })
	require.LessOrEqual(t, n, 1.0)
}
