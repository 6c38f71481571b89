package text_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/text"
)

// TestNativeEmbedderContract runs a model with nothing installed.
func TestNativeEmbedderContract(t *testing.T) {
	dir := modelDir(t, false, nil)
	pipetest.Contract(t, pipetest.Case[string, []float32]{
		Name: "text.Embedder",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[string, []float32] {
			rt, err := optimize.New(optimize.Options{Workers: 3, Observer: o})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, rt.Close()) })
			e, err := text.NewEmbedder(text.EmbedderOptions{Model: model(t, dir), MaxBytes: 100, Runtime: rt})
			require.NoError(t, err)
			return rounded{e}
		},
		Good: []string{"the river", "a morning in the garden", "light", "a bridge to the city of glass"},
		Bad:  []string{string(make([]byte, 101))},
	})
}

func TestBackendsEmbedAlike(t *testing.T) {
	dir := modelDir(t, false, nil)
	own, err := text.NewEmbedder(text.EmbedderOptions{Model: model(t, dir)})
	require.NoError(t, err)
	defer own.Close()
	other, err := text.NewEmbedder(text.EmbedderOptions{Model: model(t, dir), Runtime: onnxRuntime(t, nil)})
	require.NoError(t, err)
	defer other.Close()
	for _, s := range []string{"the river", "a morning in the garden", "light", "z"} {
		a, err := own.Run(t.Context(), s)
		require.NoError(t, err)
		b, err := other.Run(t.Context(), s)
		require.NoError(t, err)
		require.Len(t, a, len(b))
		for i := range a {
			require.LessOrEqual(t, math.Abs(float64(a[i]-b[i])), 1e-5, "%q, element %d", s, i)
		}
	}
}
