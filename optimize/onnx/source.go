//go:build cgo

package onnx

import (
	"fmt"
	"math"
	"path/filepath"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
)

// source is a model in the form in which ONNX Runtime gets it.
type source struct {
	data   []byte // the file
	folder string // of weights outside of it, "" if there are none
	bytes  int64  // of all weights

	inputs, outputs []slot
}

// slot is an input or output of a model.
type slot struct {
	optimize.TensorInfo
	widened bool // an output of float16 that the session gives as float32
}

// most is what a message of protobuf may have.
const most = math.MaxInt32

// readSource reads the file, and what it says about inputs and outputs. ONNX
// Runtime could tell too, but not the names of dimensions, and the binding would
// have to open the model a second time.
func readSource(m optimize.Model) (*source, error) {
	data, err := m.Bytes()
	if err != nil {
		return nil, err
	}
	info, err := onnxpb.ReadInfo(data)
	if err != nil {
		return nil, err
	}
	src := &source{data: data, bytes: int64(len(data))}
	if src.inputs, err = slots("input", info.Inputs); err != nil {
		return nil, err
	}
	if src.outputs, err = slots("output", info.Outputs); err != nil {
		return nil, err
	}
	if len(src.inputs) == 0 || len(src.outputs) == 0 {
		return nil, fmt.Errorf("model has %d inputs and %d outputs, need some of both: %w", len(src.inputs), len(src.outputs),
			quintet.ErrUnsupported)
	}
	return src, src.prepare(m)
}

// prepare rewrites the file where ONNX Runtime or the binding could not cope with
// it. The binding cannot return float16, so such outputs are cast to float32,
// which is exact, and cast back in Go. Weights outside of the file are ONNX
// Runtime's business if they are on disk; if not, they are put into it.
func (src *source) prepare(m optimize.Model) error {
	g, err := onnxpb.Read(src.data)
	if err != nil {
		return err
	}
	rewritten := src.widen(g)
	outside, err := outsideBytes(g)
	if err != nil {
		return err
	}
	src.bytes += outside
	switch path := m.Path(); {
	case outside == 0:
	case path != "":
		if src.folder, err = filepath.Abs(filepath.Dir(path)); err != nil {
			return fmt.Errorf("%w: %w", err, quintet.ErrModel)
		}
	default:
		if err := src.load(g, m); err != nil {
			return err
		}
		rewritten = true
	}
	if rewritten {
		src.data = g.Append(nil)
	}
	return nil
}

// outsideBytes is the size of the weights that are in other files.
func outsideBytes(g *onnxpb.Model) (n int64, err error) {
	for t := range g.Tensors() {
		if t.Location != onnxpb.Outside {
			continue
		}
		e, err := t.Extent()
		if err != nil {
			return 0, err
		}
		if n += e.Length; n < e.Length {
			return 0, fmt.Errorf("weights have more than %d bytes: %w", int64(math.MaxInt64), quintet.ErrModel)
		}
	}
	return n, nil
}

// load puts the weights that are in other files of a file system into the model.
func (src *source) load(g *onnxpb.Model, m optimize.Model) error {
	folder, err := m.Folder()
	switch {
	case err != nil:
		return err
	case folder == nil:
		return fmt.Errorf("weights are in other files; open the model from a disk or file system that has them: %w",
			quintet.ErrUnsupported)
	case src.bytes > most:
		return fmt.Errorf("model and weights have %d bytes, in memory %d are possible; open the model from disk: %w",
			src.bytes, most, quintet.ErrUnsupported)
	}
	return g.LoadExternal(folder, most)
}

const wideName = "/quintet_float32" // is added to the name of a widened output

// widen adds a Cast behind each output of float16 and reports whether there is one.
func (src *source) widen(m *onnxpb.Model) (changed bool) {
	for i := range m.Graph.Outputs {
		o := &m.Graph.Outputs[i]
		if src.outputs[i].DType != optimize.Float16 {
			continue
		}
		src.outputs[i].widened, changed = true, true
		wide := o.Name + wideName
		cast := onnxpb.NewNode("Cast", []string{o.Name}, []string{wide}, onnxpb.IntAttr("to", int64(onnxpb.Float)))
		cast.Name = wide
		m.Graph.Nodes = append(m.Graph.Nodes, cast)
		o.Name, o.Type.Tensor.Elem = wide, onnxpb.Float
	}
	return changed
}

// names are what the session calls its outputs.
func (src *source) names() (inputs, outputs []string) {
	for _, s := range src.inputs {
		inputs = append(inputs, s.Name)
	}
	for _, s := range src.outputs {
		if s.widened {
			s.Name += wideName
		}
		outputs = append(outputs, s.Name)
	}
	return inputs, outputs
}

var dtypes = map[onnxpb.DataType]optimize.DType{
	onnxpb.Float: optimize.Float32, onnxpb.Float16: optimize.Float16, onnxpb.String: optimize.String,
	onnxpb.Int64: optimize.Int64, onnxpb.Int32: optimize.Int32, onnxpb.Int8: optimize.Int8,
	onnxpb.Uint8: optimize.Uint8, onnxpb.Bool: optimize.Bool,
}

// slots describes inputs or outputs, and refuses those that the binding or
// [optimize.Tensor] cannot hold.
func slots(what string, values []onnxpb.ValueInfo) ([]slot, error) {
	list := make([]slot, len(values))
	for i, v := range values {
		if v.Type == nil || v.Type.Tensor == nil {
			return nil, fmt.Errorf("%s %s is %v, not a tensor: %w", what, v.Name, v.Type, quintet.ErrUnsupported)
		}
		s := &list[i]
		s.Name, s.DType = v.Name, dtypes[v.Type.Tensor.Elem]
		if shape := v.Type.Tensor.Shape; shape == nil {
			s.AnyRank = true
		} else {
			s.Shape, s.Names = dims(shape)
		}
		scalar := !s.AnyRank && len(s.Shape) == 0
		if s.DType == 0 || scalar && (s.DType == optimize.String || s.DType == optimize.Float16 && what == "input") {
			return nil, fmt.Errorf("%s %s is %v, which this backend cannot pass: %w", what, v.Name, v.Type, quintet.ErrUnsupported)
		}
	}
	return list, nil
}

func dims(shape *onnxpb.Shape) (sizes []int, names []string) {
	sizes, names = make([]int, len(shape.Dims)), make([]string, len(shape.Dims))
	named := false
	for i, d := range shape.Dims {
		sizes[i], names[i] = -1, d.Param
		if d.Fixed && d.Value >= 0 {
			sizes[i] = int(d.Value)
		}
		named = named || d.Param != ""
	}
	if !named {
		names = nil
	}
	return sizes, names
}
