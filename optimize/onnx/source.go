//go:build cgo

package onnx

import (
	"fmt"
	"path/filepath"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
)

// source is a model in the form in which ONNX Runtime gets it.
type source struct {
	path   string // of the file, or
	data   []byte // the file itself
	folder string // of external data, "" for the one that path is in

	inputs, outputs []slot
}

// slot is an input or output of a model.
type slot struct {
	optimize.TensorInfo
	anyRank bool // not even the number of dimensions is known
	widened bool // an output of float16 that the session gives as float32
}

// readSource reads what the file says about inputs and outputs. ONNX Runtime
// could tell too, but not the names of dimensions, and the binding would have to
// open the model a second time.
func readSource(m optimize.Model) (*source, error) {
	data, err := m.Bytes()
	if err != nil {
		return nil, err
	}
	info, err := onnxpb.ReadInfo(data)
	if err != nil {
		return nil, err
	}
	src := &source{path: m.Path()}
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
	return src, src.prepare(data)
}

// prepare decides between path and data. The binding cannot return float16, so
// such outputs are cast to float32, which is exact, and cast back in Go.
func (src *source) prepare(data []byte) error {
	widen := false
	for i, o := range src.outputs {
		src.outputs[i].widened = o.DType == optimize.Float16
		widen = widen || src.outputs[i].widened
	}
	if src.path != "" && !widen {
		return nil
	}
	m, err := onnxpb.Read(data)
	if err != nil {
		return err
	}
	if src.path == "" {
		for t := range m.Tensors() {
			if t.Location == onnxpb.Outside {
				return fmt.Errorf("weight %s is in another file; open the model from disk: %w", t.Name, quintet.ErrUnsupported)
			}
		}
	}
	src.data = data
	if widen {
		src.widen(m)
		src.data = m.Append(nil)
	}
	if src.path != "" {
		src.path, src.folder = "", filepath.Dir(src.path)
	}
	return nil
}

const wideName = "/quintet_float32" // is added to the name of a widened output

// widen adds a Cast behind each output of float16.
func (src *source) widen(m *onnxpb.Model) {
	for i := range m.Graph.Outputs {
		o := &m.Graph.Outputs[i]
		if !src.outputs[i].widened {
			continue
		}
		wide := o.Name + wideName
		cast := onnxpb.NewNode("Cast", []string{o.Name}, []string{wide}, onnxpb.IntAttr("to", int64(onnxpb.Float)))
		cast.Name = wide
		m.Graph.Nodes = append(m.Graph.Nodes, cast)
		o.Name, o.Type.Tensor.Elem = wide, onnxpb.Float
	}
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
			s.anyRank = true
		} else {
			s.Shape, s.Names = dims(shape)
		}
		scalar := !s.anyRank && len(s.Shape) == 0
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

// check reports whether t may be passed for s.
func (s slot) check(t optimize.Tensor) error {
	if !s.anyRank {
		return s.TensorInfo.Check(t)
	}
	if t.DType() != s.DType {
		return fmt.Errorf("input %s %v got %v: %w", s.Name, s.DType, t, quintet.ErrInput)
	}
	return nil
}
