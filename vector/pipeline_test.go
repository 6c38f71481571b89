package vector_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/vector"
)

func TestPipelineContract(t *testing.T) {
	const dim = 24
	store := open(t, vector.Options{Dim: dim})
	vs := synth.Clusters(1, 200, dim, 9)
	for i, v := range vs {
		upsert(t, store, item{ID: strconv.Itoa(i), Vector: v, Meta: vector.Meta{"even": i%2 == 0}})
	}
	for _, size := range []int{0, 1, 5} {
		t.Run(fmt.Sprintf("MaxBatch=%d", size), func(t *testing.T) {
			pipetest.Contract(t, pipetest.Case[query, []hit]{
				Name: "vector",
				New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[query, []hit] {
					rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
					require.NoError(t, err)
					p, err := vector.NewPipeline(store, vector.PipelineOptions{Runtime: rt, MaxBatch: size})
					require.NoError(t, err)
					return p
				},
				Good: []query{
					{Vector: vs[0]},
					{Vector: vs[1], K: 3},
					{Vector: vs[2], Filter: vector.Eq("even", false)},
				},
				Bad: []query{{}, {Vector: vs[0][:3]}, {Vector: make([]float32, dim)}, {Vector: vs[0], K: -1}},
			})
		})
	}
	_, err := store.Stats(t.Context())
	require.NoError(t, err, "the store is still open")
}

func TestBadPipelineOptionsAreRefused(t *testing.T) {
	c := open(t, vector.Options{Dim: 1})
	p, err := vector.NewPipeline(c, vector.PipelineOptions{MaxBatch: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	require.Nil(t, p)
	p, err = vector.NewPipeline[string](nil, vector.PipelineOptions{})
	require.ErrorIs(t, err, quintet.ErrOption)
	require.Nil(t, p)
}

func TestAPipelineOverAClosedStoreSaysSo(t *testing.T) {
	for _, size := range []int{1, 4} {
		c, err := vector.New[string](vector.Options{Dim: 1})
		require.NoError(t, err)
		require.NoError(t, c.Close())
		p, err := vector.NewPipeline(c, vector.PipelineOptions{MaxBatch: size})
		require.NoError(t, err)
		_, err = p.Run(t.Context(), query{Vector: []float32{1}})
		require.ErrorIs(t, err, quintet.ErrClosed)
		require.EqualError(t, err, "vector.Run: closed")
		require.NoError(t, p.Close())
	}
}
