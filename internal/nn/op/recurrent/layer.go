package recurrent

import (
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// Table holds the operators of ONNX itself.
var Table = op.Table{
	"LSTM": elementwise.Half(newLayer(lstm, 8, 3, "Sigmoid", "Tanh", "Tanh")),
	"GRU":  elementwise.Half(newLayer(gru, 6, 2, "Sigmoid", "Tanh")),
	"RNN":  elementwise.Half(newLayer(rnn, 6, 2, "Tanh")),
}

// kind is the operator.
type kind int

const (
	lstm kind = iota
	gru
	rnn
)

// layer is an operator of this package.
type layer struct {
	kind   kind
	gates  int
	hidden int // 0: that of the weights
	dirs   []way

	clip        float32 // 0: none
	batchFirst  bool
	resetAfter  bool // GRU: the reset gate multiplies the product, not the state
	inputForget bool // LSTM: the forget gate is one minus the input gate
	plain       bool // the activations are the default, without clip and inputForget

	packed *weights // nil if they are not constants
}

// way is a direction in time with its activations.
type way struct {
	reverse   bool
	functions []function
}

// newLayer returns the builder of an operator with that many inputs and outputs,
// and names its activations.
func newLayer(k kind, inputs, outputs int, names ...string) op.Builder {
	return func(n *op.Node) (op.Op, []tensor.DType, error) {
		if err := checkInputs(n, inputs); err != nil {
			return nil, nil, err
		}
		l := &layer{kind: k, gates: [...]int{4, 3, 1}[k]}
		if err := l.attributes(n, names); err != nil {
			return nil, nil, err
		}
		if err := l.constants(n); err != nil {
			return nil, nil, err
		}
		types := make([]tensor.DType, outputs)
		for i := range types {
			types[i] = onnxpb.Float
		}
		return l, types, nil
	}
}

func checkInputs(n *op.Node, most int) error {
	if err := n.Inputs(3, most); err != nil {
		return err
	}
	if err := n.Float32(0, 1, 2, 3, 5, 6, 7); err != nil {
		return err
	}
	if n.Has(placeLens) {
		return n.Typed(placeLens, onnxpb.Int32)
	}
	return nil
}

func (l *layer) attributes(n *op.Node, names []string) error {
	switch direction, err := n.Text("direction", "forward"); {
	case err != nil:
		return err
	case direction == "forward":
		l.dirs = []way{{}}
	case direction == "reverse":
		l.dirs = []way{{reverse: true}}
	case direction == "bidirectional":
		l.dirs = []way{{}, {reverse: true}}
	default:
		return n.Wrong("direction %q", direction)
	}
	if err := l.numbers(n); err != nil {
		return err
	}
	functions, err := activations(n, len(l.dirs), names...)
	if err != nil {
		return err
	}
	l.plain = l.clip == 0 && !l.inputForget
	for d := range l.dirs {
		l.dirs[d].functions = functions[d]
		for i, f := range functions[d] {
			l.plain = l.plain && f.name == names[i]
		}
	}
	return nil
}

// numbers reads the attributes that are numbers.
func (l *layer) numbers(n *op.Node) error {
	var err error
	if l.clip, err = n.Float("clip", 0); err != nil {
		return err
	}
	if l.clip < 0 {
		return n.Wrong("clip %v", l.clip)
	}
	if l.hidden, err = n.Int("hidden_size", 0); err != nil {
		return err
	}
	for name, to := range map[string]*bool{
		"layout": &l.batchFirst, "linear_before_reset": &l.resetAfter, "input_forget": &l.inputForget,
	} {
		if *to, err = n.Flag(name, false); err != nil {
			return err
		}
	}
	return nil
}

// constants packs the weights if all of them are constants.
func (l *layer) constants(n *op.Node) error {
	in := make([]*tensor.Tensor, len(n.In))
	for _, i := range []int{placeW, placeR, placeBias, placePeephole} {
		if !n.Has(i) {
			continue
		}
		if in[i] = n.Const(i); in[i] == nil {
			return nil
		}
	}
	var err error
	if l.packed, err = l.prepare(in); err != nil {
		return n.Wrong("%v", err)
	}
	return nil
}
