package quant_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
	"github.com/quintet-ai/quintet/internal/quant"
)

// FuzzDynamic holds any model against the promises of Dynamic: an error with a
// cause and the model as it was, or a model that can be read again, is not
// longer for having lost layers, and is quantised once.
func FuzzDynamic(f *testing.F) {
	f.Add(testmodel.Encoder(testmodel.EncoderOptions{Layers: 1, Hidden: 4, Heads: 2, Inner: 4, Vocab: 4, Positions: 4}).Append(nil), 1)
	f.Add(graph(func(b *onnxpb.Builder, x string) string {
		w := b.Weight(matrix("w", 8, 8))
		return gemmOf(onnxpb.IntAttr("transB", 1))(b, b.Op("MatMul", x, b.Op("Transpose", w)), w, w)
	}).Append(nil), 2)
	f.Add(graph(func(b *onnxpb.Builder, x string) string {
		c := b.OpWith("Constant", []onnxpb.Attribute{onnxpb.TensorAttr("value", matrix("", 4, 4))})
		return b.Op("MatMul", b.Op("Gather", c, x), b.Op("Identity", c))
	}).Append(nil), 1)
	f.Fuzz(func(t *testing.T, data []byte, embeddings int) {
		m, err := onnxpb.Read(data)
		if err != nil {
			return
		}
		before := m.Append(nil)
		o := quant.Options{MinWeights: 1, Embeddings: quant.Embeddings(embeddings)}
		r, err := quant.Dynamic(m, o)
		if err != nil || len(r.Layers) == 0 {
			cause := err == nil || errors.Is(err, quintet.ErrModel) || errors.Is(err, quintet.ErrOption) || errors.Is(err, quintet.ErrUnsupported)
			require.True(t, cause, "%v has no cause", err)
			require.True(t, string(before) == string(m.Append(nil)), "changed")
			return
		}
		after := m.Append(nil)
		require.Equal(t, len(after), r.BytesAfter)
		_, err = onnxpb.Read(after)
		require.NoError(t, err)
		_, err = quant.Dynamic(m, o)
		require.ErrorIs(t, err, quintet.ErrModel, "quantised twice")
	})
}
