package linear

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
)

// A label names an axis of an equation: a letter, or from firstDots on an axis that
// "..." stands for. dots is "..." itself.
const (
	firstDots = 52
	maxLabels = firstDots + tensor.MaxRank
	dots      = 255
)

// set is a set of labels.
type set uint64

func (s set) has(label uint8) bool { return s>>label&1 != 0 }

// equation is that of an Einsum: the labels of the axes of its operands and of its
// result.
type equation struct {
	in  [][]uint8
	out []uint8
}

// equationOf reads the attribute.
func equationOf(n *op.Node) (e equation, err error) {
	text, err := n.Text("equation", "")
	if err != nil {
		return e, err
	}
	text = strings.ReplaceAll(text, " ", "")
	left, right, explicit := strings.Cut(text, "->")
	for _, term := range strings.Split(left, ",") {
		labels, ok := labelsOf(term)
		if !ok {
			return e, n.Wrong("equation %q", text)
		}
		e.in = append(e.in, labels)
	}
	if len(e.in) != len(n.In) {
		return e, n.Wrong("equation %q for %d inputs", text, len(n.In))
	}
	count := map[uint8]int{}
	for _, l := range slices.Concat(e.in...) {
		count[l]++
	}
	if !explicit {
		e.out = implicit(count)
		return e, nil
	}
	var ok bool
	if e.out, ok = labelsOf(right); !ok {
		return e, n.Wrong("equation %q", text)
	}
	for i, l := range e.out {
		if slices.Contains(e.out[:i], l) || count[l] == 0 && l != dots {
			return e, n.Wrong("equation %q", text)
		}
	}
	if count[dots] > 0 && !slices.Contains(e.out, dots) {
		return e, n.Unsupported("equation %q, whose result has no ellipsis", text)
	}
	return e, nil
}

// labelsOf are the labels of one term.
func labelsOf(term string) (labels []uint8, ok bool) {
	for term != "" {
		c := term[0]
		switch {
		case strings.HasPrefix(term, "..."):
			if slices.Contains(labels, dots) {
				return nil, false
			}
			labels, term = append(labels, dots), term[2:]
		case c >= 'A' && c <= 'Z':
			labels = append(labels, c-'A')
		case c >= 'a' && c <= 'z':
			labels = append(labels, c-'a'+26)
		default:
			return nil, false
		}
		term = term[1:]
	}
	return labels, true
}

// implicit are the labels of a result that the equation does not state: "..." and
// those that occur once, in the order of the alphabet, capitals first.
func implicit(count map[uint8]int) (out []uint8) {
	if count[dots] > 0 {
		out = append(out, dots)
	}
	for l := range uint8(firstDots) {
		if count[l] == 1 {
			out = append(out, l)
		}
	}
	return out
}

// axes are the sizes of all labels in one run.
type axes struct {
	dim  [maxLabels]int
	dots int // how many axes "..." stands for at most
	used int // labels in lists
	out  int // of these, of the result

	terms [tensor.MaxRank]uint8
	lists [maxLabels]uint8
}

// list is all labels in use, those of the result first, in its order.
func (a *axes) list() []uint8 { return a.lists[:a.used] }

// result is the labels of the result.
func (a *axes) result() []uint8 { return a.lists[:a.out] }

// labels are those of a term for a tensor of the given rank. They are good until the
// next call.
func (a *axes) labels(term []uint8, rank int) []uint8 {
	list := a.terms[:0]
	for _, l := range term {
		if l != dots {
			list = append(list, l)
			continue
		}
		n := rank - (len(term) - 1)
		for i := range n {
			list = append(list, uint8(firstDots+a.dots-n+i))
		}
	}
	return list
}

// order returns the labels of a set, those of the result first and in its order,
// behind those in dst.
func (a *axes) order(dst []uint8, s set) []uint8 {
	for _, l := range a.list() {
		if s.has(l) {
			dst = append(dst, l)
		}
	}
	return dst
}

// leads reports whether the result begins, behind axes of batch, with one of s.
func (a *axes) leads(s, batch set) bool {
	for _, l := range a.result() {
		if !batch.has(l) {
			return s.has(l)
		}
	}
	return false
}

// size is the number of elements that a set of axes spans.
func (a *axes) size(s set) (int, error) {
	n := 1
	for _, l := range a.list() {
		if d := a.dim[l]; s.has(l) {
			if d > 0 && n > tensor.MaxLen/d {
				return 0, fmt.Errorf("more than %d elements: %w", tensor.MaxLen, quintet.ErrInput)
			}
			n *= d
		}
	}
	return n, nil
}

// fit finds the sizes of all labels.
func (e *equation) fit(a *axes, in []*tensor.Tensor) error {
	var used set
	for i, t := range in {
		rest := len(t.Shape) - len(e.in[i])
		if d := slices.Contains(e.in[i], dots); !d && rest != 0 || rest < -1 {
			return fmt.Errorf("operand %d of shape %v for %d labels: %w", i, t.Shape, len(e.in[i]), quintet.ErrInput)
		} else if d {
			a.dots = max(a.dots, rest+1)
		}
	}
	for i := range a.dim {
		a.dim[i] = 1
	}
	for i, t := range in {
		var seen set
		for at, l := range a.labels(e.in[i], len(t.Shape)) {
			d := t.Shape[at]
			if d != 1 && a.dim[l] != 1 && d != a.dim[l] || seen.has(l) && d != a.dim[l] {
				return fmt.Errorf("axes of %d and %d with one label: %w", a.dim[l], d, quintet.ErrInput)
			}
			if d != 1 {
				a.dim[l] = d
			}
			seen |= 1 << l
		}
		used |= seen
	}
	list := a.lists[:0]
	for _, l := range a.labels(e.out, len(e.out)-1+a.dots) {
		list = append(list, l)
		used &^= 1 << l
	}
	a.out = len(list)
	for ; used != 0; used &= used - 1 {
		list = append(list, uint8(bits.TrailingZeros64(uint64(used))))
	}
	a.used = len(list)
	return nil
}
