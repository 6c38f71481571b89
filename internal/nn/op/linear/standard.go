package linear

import (
	"math"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// standard is the op Attention of ONNX itself, from version 23 of its operators on.
type standard struct {
	heads, shared  int // of inputs that are not cut into heads
	scale, softcap float32
	causal         bool
}

func newStandardAttention(n *op.Node) (op.Op, []tensor.DType, error) {
	if err := n.Inputs(3, 6); err != nil { // the seventh, of version 24, counts keys
		if n.Has(6) {
			err = n.Unsupported("input 6")
		}
		return nil, nil, err
	}
	if err := n.Float32(0, 1, 2, 4, 5); err != nil {
		return nil, nil, err
	}
	if n.Has(3) {
		if err := n.Typed(3, onnxpb.Float, onnxpb.Bool); err != nil {
			return nil, nil, err
		}
	}
	r := reader{n: n}
	r.refuseOutputs(3)
	a := standard{
		heads: r.int("q_num_heads", 0), shared: r.int("kv_num_heads", 0), causal: r.flag("is_causal", false),
		scale: r.float("scale", 0), softcap: r.float("softcap", 0),
	}
	if n.Has(4) != n.Has(5) && r.err == nil {
		r.err = n.Wrong("one of past key and value is missing")
	}
	if n.HasAttr("scale") && !(a.scale > 0) && r.err == nil {
		r.err = n.Unsupported("scale %v", a.scale)
	}
	return a, []tensor.DType{onnxpb.Float, onnxpb.Float, onnxpb.Float}, r.err
}

func (a standard) Run(c *op.Ctx, in, out []*tensor.Tensor) error {
	j := job{scale: a.scale, softcap: a.softcap, causal: a.causal, zeros: true}
	merged := len(in[0].Shape) == 3
	var err error
	if merged {
		err = j.operands(in[0], in[1], in[2], a.heads, a.shared)
	} else if err = j.separate(in[0], in[1], in[2]); err == nil {
		err = j.check()
	}
	if err != nil {
		return err
	}
	if a.scale == 0 {
		j.scale = rootScale(j.q.width)
	}
	if err := j.history(c, in[min(3, len(in)):], out); err != nil {
		return err
	}
	if m := input(in, 3); m != nil && m.Type == onnxpb.Bool {
		err = addAllowed(c, &j, tensor.Of[uint8](m), m.Shape, float32(math.Inf(-1)))
	} else {
		err = j.addMask(m)
	}
	if err != nil {
		return err
	}
	if err := j.output(c, out[0], merged); err != nil {
		return err
	}
	return j.run(c)
}

// rootScale is the customary scale, one over the root of a head's width.
func rootScale(width int) float32 { return float32(1 / math.Sqrt(float64(max(width, 1)))) }

// history puts keys and values behind those of the past, inputs 1 and 2 of in, and
// gives the whole to outputs 1 and 2 of out.
func (j *job) history(c *op.Ctx, in, out []*tensor.Tensor) (err error) {
	past := input(in, 1)
	if past != nil && len(past.Shape) == 4 {
		j.past = past.Shape[2]
	}
	if j.k, err = j.extend(c, past, j.k, input(out, 1)); err != nil {
		return err
	}
	if j.v, err = j.extend(c, input(in, 2), j.v, input(out, 2)); err != nil {
		return err
	}
	return j.check()
}
