package testmodel_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
)

func TestDecodersAreSound(t *testing.T) {
	for _, cross := range []bool{false, true} {
		m := testmodel.Decoder(testmodel.DecoderOptions{Cross: cross})
		requireSound(t, m)
		inputs := map[bool]int{false: 5, true: 9}[cross]
		require.Len(t, m.Graph.Inputs, inputs)
		require.Len(t, m.Graph.Outputs, 5)
	}
}

func TestRandomGraphsAreSound(t *testing.T) {
	kinds := map[string]bool{}
	for seed := range uint64(200) {
		s := testmodel.RandomGraph(seed, 10)
		require.Len(t, s.Shapes, len(s.Model.Graph.Inputs))
		require.NotEmpty(t, s.Model.Graph.Outputs)
		requireSound(t, s.Model)
		for _, n := range s.Model.Graph.Nodes {
			kinds[n.OpType] = true
		}
		again := testmodel.RandomGraph(seed, 10)
		require.True(t, bytes.Equal(s.Model.Append(nil), again.Model.Append(nil)), "the same seed gives the same graph")
	}
	require.Greater(t, len(kinds), 70)
}
