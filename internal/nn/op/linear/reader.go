package linear

import "github.com/quintet-ai/quintet/internal/nn/op"

// reader reads attributes of a node and keeps the first error.
type reader struct {
	n   *op.Node
	err error
}

func (r *reader) keep(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) int(name string, def int) int {
	v, err := r.n.Int(name, def)
	r.keep(err)
	return v
}

func (r *reader) flag(name string, def bool) bool {
	v, err := r.n.Flag(name, def)
	r.keep(err)
	return v
}

func (r *reader) float(name string, def float32) float32 {
	v, err := r.n.Float(name, def)
	r.keep(err)
	return v
}

func (r *reader) text(name, def string) string {
	v, err := r.n.Text(name, def)
	r.keep(err)
	return v
}

// refuse fails if a flag is set that the operator cannot obey.
func (r *reader) refuse(names ...string) {
	for _, name := range names {
		if r.flag(name, false) && r.err == nil {
			r.err = r.n.Unsupported("attribute %s", name)
		}
	}
}

// refuseInputs fails if one of the inputs is given.
func (r *reader) refuseInputs(places ...int) {
	for _, i := range places {
		if r.n.Has(i) && r.err == nil {
			r.err = r.n.Unsupported("input %d", i)
		}
	}
}

// refuseOutputs fails if one of the outputs is wanted.
func (r *reader) refuseOutputs(places ...int) {
	for _, i := range places {
		if r.n.Wants(i) && r.err == nil {
			r.err = r.n.Unsupported("output %d", i)
		}
	}
}
