package quant_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
	"github.com/quintet-ai/quintet/internal/quant"
)

// small is an encoder that the interpreter runs in milliseconds.
var small = testmodel.EncoderOptions{Seed: 3, Layers: 2, Hidden: 64, Heads: 4, Inner: 256, Vocab: 200, Positions: 24}

// tokens are random inputs of an encoder, the last of them padding.
func tokens(seed uint64, batch, seq, vocab int) map[string]array {
	rng := rand.New(rand.NewPCG(seed, 1))
	dims := []int{batch, seq}
	ids, mask, types := array{dims: dims}, array{dims: dims}, array{dims: dims}
	for i := range batch * seq {
		ids.v = append(ids.v, float64(rng.IntN(vocab)))
		types.v = append(types.v, float64(rng.IntN(2)))
		mask.v = append(mask.v, 1)
		if i%seq == seq-1 {
			mask.v[i] = 0
		}
	}
	return map[string]array{"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
}

func cosine(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+a[i]*b[i], aa+a[i]*a[i], bb+b[i]*b[i]
	}
	return ab / math.Sqrt(aa*bb)
}

func TestAQuantisedEncoderPointsTheSameWay(t *testing.T) {
	tests := map[string]struct {
		o      quant.Options
		opset  int64
		layers int
	}{
		"the default":                {quant.Options{}, 17, 12},
		"older operators":            {quant.Options{}, 11, 12},
		"8 bits":                     {quant.Options{Bits: 8}, 17, 12},
		"8 bits with one scale":      {quant.Options{Bits: 8, OneScale: true}, 17, 12},
		"embeddings by row":          {quant.Options{Embeddings: quant.PerRow}, 17, 13},
		"embeddings with one scale":  {quant.Options{Embeddings: quant.PerTensor}, 17, 13},
		"all embeddings, small ones": {quant.Options{Embeddings: quant.PerRow, MinWeights: 1}, 11, 14},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := small
			o.Opset = tt.opset
			m := testmodel.Encoder(o)
			in := tokens(1, 2, 12, o.Vocab)
			want := run(t, m, in)

			r, err := quant.Dynamic(m, tt.o)
			require.NoError(t, err)
			require.Len(t, r.Layers, tt.layers)
			require.Equal(t, m.Size(), r.BytesAfter)
			got := run(t, m, in)
			require.Equal(t, want.dims, got.dims)
			require.GreaterOrEqual(t, cosine(want.v, got.v), 0.998)
		})
	}
}

func TestLayersThatReadTheSameValueShareItsQuantisation(t *testing.T) {
	m := testmodel.Encoder(small)
	_, err := quant.Dynamic(m, quant.Options{})
	require.NoError(t, err)
	ops := map[string]int{}
	for _, n := range m.Graph.Nodes {
		ops[n.OpType]++
	}
	require.Equal(t, 2*4, ops["DynamicQuantizeLinear"], "query, key and value have one")
	require.Equal(t, 2*6, ops["MatMulInteger"])
	require.Equal(t, 2*2, ops["MatMul"], "attention stays")
}

func TestTheSameModelGivesTheSameBytes(t *testing.T) {
	o := quant.Options{Embeddings: quant.PerRow}
	var first []byte
	for range 5 {
		m := testmodel.Encoder(small)
		_, err := quant.Dynamic(m, o)
		require.NoError(t, err)
		data := m.Append(nil)
		if first == nil {
			first = data
		}
		require.True(t, string(first) == string(data))
	}
}

func TestTheReportSaysWhatHappened(t *testing.T) {
	m := testmodel.Encoder(small)
	before := len(m.Append(nil))
	r, err := quant.Dynamic(m, quant.Options{Embeddings: quant.PerRow})
	require.NoError(t, err)
	require.Equal(t, before, r.BytesBefore)
	require.Equal(t, len(m.Append(nil)), r.BytesAfter)
	require.Less(t, float64(r.BytesAfter), 0.36*float64(r.BytesBefore), "a quarter, and names and scales")
	require.EqualValues(t, 17, r.OpsetAfter)
	require.Equal(t, "Gather", r.Layers[0].Op)
	require.Equal(t, "embeddings.word_embeddings.weight", r.Layers[0].Weight)
	require.Equal(t, [2]int{200, 64}, [2]int{r.Layers[0].Rows, r.Layers[0].Cols})
	require.Equal(t, "encoder.layer.0.attention.self.query.weight", r.Layers[1].Weight)
	for _, l := range r.Layers {
		require.Positive(t, l.MaxError)
		require.Less(t, l.MaxError, 0.02, l.Node)
	}
	require.Equal(t, quant.Skipped{Node: "Gather_2", Op: "Gather",
		Reason: "weight embeddings.token_type_embeddings.weight has 128 elements, fewer than 4096"}, r.Skipped[0])
	require.Equal(t, "both operands are computed", r.Skipped[1].Reason)
	require.Len(t, r.Skipped, 1+2*2)
}

// BenchmarkDynamic quantises a model of the size of all-MiniLM-L6.
func BenchmarkDynamic(b *testing.B) {
	data := testmodel.Encoder(testmodel.EncoderOptions{}).Append(nil)
	for name, o := range map[string]quant.Options{"layers": {}, "embeddings": {Embeddings: quant.PerRow}} {
		b.Run(fmt.Sprintf("with=%s", name), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			var r quant.Report
			for b.Loop() {
				m, err := onnxpb.Read(data)
				require.NoError(b, err)
				r, err = quant.Dynamic(m, o)
				require.NoError(b, err)
			}
			b.ReportMetric(100*float64(r.BytesAfter)/float64(r.BytesBefore), "%size")
		})
	}
}

// BenchmarkAccuracy is the likeness of the outputs at full size. The time is that
// of the interpreter and means nothing.
func BenchmarkAccuracy(b *testing.B) {
	data := testmodel.Encoder(testmodel.EncoderOptions{}).Append(nil)
	for name, o := range map[string]quant.Options{"bits=7": {Embeddings: quant.PerRow}, "bits=8": {Bits: 8, Embeddings: quant.PerRow}} {
		b.Run(name, func(b *testing.B) {
			m, err := onnxpb.Read(data)
			require.NoError(b, err)
			in := tokens(1, 1, 16, 30522)
			want := run(b, m, in)
			_, err = quant.Dynamic(m, o)
			require.NoError(b, err)
			var like float64
			for b.Loop() {
				like = cosine(want.v, run(b, m, in).v)
			}
			b.ReportMetric(like, "cosine")
		})
	}
}
