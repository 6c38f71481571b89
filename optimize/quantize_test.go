package optimize_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

func encoderModel() optimize.Model {
	return optimize.ModelBytes(testmodel.Encoder(testmodel.EncoderOptions{
		Layers: 2, Hidden: 64, Heads: 4, Inner: 256, Vocab: 1000, Positions: 64,
	}).Append(nil))
}

func TestModelInfo(t *testing.T) {
	info, err := encoderModel().Info()
	require.NoError(t, err)
	require.EqualValues(t, 17, info.Opset)
	require.Equal(t, "input_ids int64[batch seq]", info.Inputs[0].String())
	require.Equal(t, "last_hidden_state float32[batch seq 64]", info.Outputs[0].String())
	for name, m := range map[string]optimize.Model{
		"none": {}, "empty": optimize.ModelBytes(nil), "garbage": optimize.ModelBytes([]byte("not an ONNX file, by far")),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := m.Info()
			require.ErrorIs(t, err, quintet.ErrModel)
		})
	}
}

func TestQuantizeShrinksTheFile(t *testing.T) {
	m := encoderModel()
	linear, r, err := optimize.Quantize(t.Context(), m, optimize.QuantizeOptions{Bits: 7, MinWeights: 100})
	require.NoError(t, err)
	require.Equal(t, 2*6, r.Layers, "four projections and two linears a layer")
	require.Equal(t, len(linear), r.BytesAfter)
	require.Equal(t, 7, r.Bits)
	both, r, err := optimize.Quantize(t.Context(), m, optimize.QuantizeOptions{MinWeights: 100, Embeddings: true})
	require.NoError(t, err)
	require.Less(t, len(both), len(linear))
	require.Less(t, float64(len(both)), 0.32*float64(r.BytesBefore))
	require.Empty(t, r.Outputs, "nothing was checked")
	_, err = onnxpb.Read(both)
	require.NoError(t, err)
	again, _, err := optimize.Quantize(t.Context(), m, optimize.QuantizeOptions{MinWeights: 100, Embeddings: true})
	require.NoError(t, err)
	require.Equal(t, both, again, "the same model, the same file")

	_, _, err = optimize.Quantize(t.Context(), optimize.ModelBytes(both), optimize.QuantizeOptions{MinWeights: 100})
	require.ErrorIs(t, err, quintet.ErrModel, "it is quantised already")
}

func TestQuantizeRefuses(t *testing.T) {
	sample := [][]optimize.Tensor{{}}
	for name, tt := range map[string]struct {
		m    optimize.Model
		o    optimize.QuantizeOptions
		want error
	}{
		"no model":                  {optimize.Model{}, optimize.QuantizeOptions{}, quintet.ErrModel},
		"garbage":                   {optimize.ModelBytes([]byte{1, 2, 3}), optimize.QuantizeOptions{}, quintet.ErrModel},
		"six bits":                  {encoderModel(), optimize.QuantizeOptions{Bits: 6}, quintet.ErrOption},
		"a negative size":           {encoderModel(), optimize.QuantizeOptions{MinWeights: -1}, quintet.ErrOption},
		"a cosine above 1":          {encoderModel(), optimize.QuantizeOptions{MinCosine: 1.1}, quintet.ErrOption},
		"a cosine that is NaN":      {encoderModel(), optimize.QuantizeOptions{MinCosine: math.NaN()}, quintet.ErrOption},
		"samples without a backend": {encoderModel(), optimize.QuantizeOptions{Samples: sample}, quintet.ErrOption},
	} {
		t.Run(name, func(t *testing.T) {
			out, _, err := optimize.Quantize(context.Background(), tt.m, tt.o)
			require.ErrorIs(t, err, tt.want)
			require.Nil(t, out)
		})
	}
}

// onnxBackend is the real library, or a skip that says how to get it.
func onnxBackend(t *testing.T) optimize.Backend {
	t.Helper()
	backend, err := onnx.New(onnx.Options{Dev: true})
	if err != nil {
		t.Skipf("no ONNX Runtime (go run ./optimize/onnx/install gets it): %v", err)
	}
	t.Cleanup(func() { require.NoError(t, backend.Close()) })
	return backend
}

// sentences are inputs of an encoder: n texts of different lengths.
func sentences(t *testing.T, n, vocab int) (samples [][]optimize.Tensor) {
	t.Helper()
	rng := synth.Rand(1)
	for i := range n {
		length := 4 + 3*i
		ids, mask, types := make([]int64, length), make([]int64, length), make([]int64, length)
		for j := range ids {
			ids[j], mask[j] = rng.Int64N(int64(vocab)), 1
		}
		var sample []optimize.Tensor
		for _, data := range [][]int64{ids, mask, types} {
			x, err := optimize.NewTensor(data, 1, length)
			require.NoError(t, err)
			sample = append(sample, x)
		}
		samples = append(samples, sample)
	}
	return samples
}

func TestQuantizeIsCheckedOnSamples(t *testing.T) {
	o := optimize.QuantizeOptions{
		Bits: 7, MinWeights: 100, Embeddings: true, Backend: onnxBackend(t), Samples: sentences(t, 8, 1000), MinCosine: 0.99,
	}
	data, r, err := optimize.Quantize(t.Context(), encoderModel(), o)
	require.NoError(t, err)
	require.NotEmpty(t, data)
	require.Len(t, r.Outputs, 1)
	require.Equal(t, "last_hidden_state", r.Outputs[0].Name)
	require.GreaterOrEqual(t, r.Outputs[0].MeanCosine, r.Outputs[0].MinCosine)
	require.Greater(t, r.Outputs[0].MinCosine, 0.99)
	require.Positive(t, r.Outputs[0].MaxError)
	require.Positive(t, r.Speedup)

	o.MinCosine = 1
	data, r, err = optimize.Quantize(t.Context(), encoderModel(), o)
	require.ErrorIs(t, err, quintet.ErrModel)
	require.ErrorContains(t, err, "output last_hidden_state of the quantised model has cosine 0.99")
	require.Nil(t, data)
	require.Len(t, r.Outputs, 1, "the report says what was measured")

	o.Samples = [][]optimize.Tensor{{}}
	_, _, err = optimize.Quantize(t.Context(), encoderModel(), o)
	require.ErrorIs(t, err, quintet.ErrInput)
	require.ErrorContains(t, err, "sample 0")
}
