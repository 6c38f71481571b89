package quant

import (
	"fmt"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// weight is a constant as a node sees it.
type weight struct {
	name    string         // of the initializer, or of the output of the Constant node
	tensor  *onnxpb.Tensor // as it is stored
	flipped bool           // the node sees the transpose
}

// shape is that of the matrix that the node sees.
func (w weight) shape() (rows, cols int) {
	rows, cols = int(w.tensor.Dims[0]), int(w.tensor.Dims[1])
	if w.flipped {
		rows, cols = cols, rows
	}
	return rows, cols
}

// weight finds the constant behind a value, through the nodes that exporters
// put between: Identity for shared weights, Transpose for x·Wᵀ.
func (x *index) weight(name string) (weight, bool) {
	var w weight
	for range 8 { // a cycle is no constant
		if t := x.inits[name]; t != nil {
			w.name, w.tensor = name, t
			return w, true
		}
		n := x.makers[name]
		switch {
		case n == nil:
			return w, false
		case n.Is("Constant"):
			t, err := n.Tensor("value")
			w.name, w.tensor = name, t
			return w, err == nil && t != nil
		case n.Is("Identity"):
		case n.Is("Transpose"):
			perm, err := n.Ints("perm")
			swap := perm == nil || len(perm) == 2 && perm[0] == 1 && perm[1] == 0
			if err != nil || !swap {
				return w, false
			}
			w.flipped = !w.flipped
		default:
			return w, false
		}
		name = n.Input(0)
	}
	return w, false
}

// unfit says why a weight cannot be quantised whoever uses it, or nothing.
func unfit(w weight, least int) string {
	t := w.tensor
	n, err := t.Len()
	switch {
	case t.DataType != onnxpb.Float:
		return fmt.Sprintf("weight %s is %s, not float32", w.name, t.DataType)
	case len(t.Dims) != 2:
		return fmt.Sprintf("weight %s has %d dimensions, not 2", w.name, len(t.Dims))
	case err != nil || n < least:
		return fmt.Sprintf("weight %s has %d elements, fewer than %d", w.name, n, least)
	}
	return ""
}

// blocked says which use of a value needs it as it is, or nothing if all its uses
// are weights of the given targets, directly or through Identity and Transpose.
func (x *index) blocked(name string, targets map[*onnxpb.Node]*target) string {
	names, seen := []string{name}, map[string]bool{name: true} // the weight and its copies
	for i := 0; i < len(names); i++ {
		if why := x.pinned[names[i]]; why != "" {
			return fmt.Sprintf("weight %s %s", names[i], why)
		}
		for _, n := range x.users[names[i]] {
			t, copied := targets[n], n.Output(0)
			switch {
			case t != nil && n.Inputs[t.slot] == names[i] && count(n.Inputs, names[i]) == 1:
			case copies(n) && !seen[copied]:
				seen[copied] = true
				names = append(names, copied)
			default:
				return fmt.Sprintf("weight %s is also used by %s %s", names[i], n.OpType, title(n))
			}
		}
	}
	return ""
}

// copies reports whether n gives its only input under another name.
func copies(n *onnxpb.Node) bool {
	return (n.Is("Identity") || n.Is("Transpose")) && len(n.Inputs) == 1 && len(n.Outputs) == 1
}

func count(list []string, s string) (n int) {
	for _, v := range list {
		if v == s {
			n++
		}
	}
	return n
}
