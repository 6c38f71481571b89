package nn_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
)

// decoding is a decoder with what it has been told.
type decoding struct {
	t     *testing.T
	p     *nn.Program
	o     testmodel.DecoderOptions
	past  []*tensor.Tensor // key and value of each layer
	cross []*tensor.Tensor
}

func newDecoding(t *testing.T, o testmodel.DecoderOptions, batch int, load nn.Options) *decoding {
	t.Helper()
	p, err := nn.Load(testmodel.Decoder(o), load)
	require.NoError(t, err)
	d := &decoding{t: t, p: p, o: o}
	for i := range 2 * o.Layers {
		d.past = append(d.past, feedFor(0, [][]int{{batch, o.Heads, 0, o.Hidden / o.Heads}})...)
		d.cross = append(d.cross, feedFor(uint64(i), [][]int{{batch, o.Heads, 7, o.Hidden / o.Heads}})...)
	}
	return d
}

// next gives the scores of the tokens behind ids, [batch, new].
func (d *decoding) next(ids *tensor.Tensor) *tensor.Tensor {
	in := []*tensor.Tensor{ids}
	for l := range d.o.Layers {
		in = append(in, d.past[2*l:2*l+2]...)
		if d.o.Cross {
			in = append(in, d.cross[2*l:2*l+2]...)
		}
	}
	out, err := d.p.Run(context.Background(), in)
	require.NoError(d.t, err)
	d.past = out[1:]
	return out[0]
}

// column returns columns [from, to) of a tensor [batch, columns] of tokens.
func column(ids *tensor.Tensor, from, to int) *tensor.Tensor {
	part := tensor.From(make([]int64, ids.Shape[0]*(to-from)), ids.Shape[0], to-from)
	for b := range ids.Shape[0] {
		copy(tensor.Of[int64](part)[b*(to-from):(b+1)*(to-from)], tensor.Of[int64](ids)[b*ids.Shape[1]+from:])
	}
	return part
}

// TestDecodingStepByStep compares decoders that get a text token by token, or in
// pieces, with one that gets it whole.
func TestDecodingStepByStep(t *testing.T) {
	const batch, length = 2, 20
	rng := rand.New(rand.NewPCG(1, 2))
	ids := tensor.From(make([]int64, batch*length), batch, length)
	for i := range ids.Len() {
		tensor.Of[int64](ids)[i] = rng.Int64N(50)
	}
	for name, cross := range map[string]bool{"as GPT": false, "as Whisper": true} {
		t.Run(name, func(t *testing.T) {
			o := testmodel.DecoderOptions{Layers: 2, Hidden: 32, Heads: 4, Cross: cross}
			whole := newDecoding(t, o, batch, nn.Options{Plain: true}).next(ids)
			require.Equal(t, []int{batch, length, 50}, whole.Shape)
			rewritten := newDecoding(t, o, batch, nn.Options{}).next(ids)
			require.NoError(t, sameOutputs([]*tensor.Tensor{rewritten}, []*tensor.Tensor{whole}))
			for _, pieces := range [][]int{{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {7, 1, 5, 1, 1, 5}} {
				d, at := newDecoding(t, o, batch, nn.Options{Threads: 2}), 0
				for _, n := range pieces {
					got := d.next(column(ids, at, at+n))
					at += n
					require.Equal(t, at, d.past[0].Shape[2])
					want := rows(whole, at-n, at)
					require.NoError(t, sameOutputs([]*tensor.Tensor{got}, []*tensor.Tensor{want}), "up to token %d", at)
				}
				d.p.Close()
			}
		})
	}
}

// rows returns part of the second dimension of a tensor with three.
func rows(x *tensor.Tensor, from, to int) *tensor.Tensor {
	width := x.Shape[2]
	part := tensor.From(make([]float32, x.Shape[0]*(to-from)*width), x.Shape[0], to-from, width)
	for b := range x.Shape[0] {
		copy(tensor.Of[float32](part)[b*(to-from)*width:(b+1)*(to-from)*width], tensor.Of[float32](x)[(b*x.Shape[1]+from)*width:])
	}
	return part
}
