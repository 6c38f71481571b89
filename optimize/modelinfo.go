package optimize

import (
	"math"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// ModelInfo is what a model's file says about itself.
type ModelInfo struct {
	Producer string            `json:"producer,omitempty"` // the program that wrote it
	Opset    int64             `json:"opset"`              // version of the standard operators
	Inputs   []TensorInfo      `json:"inputs"`             // those that a caller must feed
	Outputs  []TensorInfo      `json:"outputs"`            // in the order of Session.Run
	Metadata map[string]string `json:"metadata,omitempty"` // what its makers wrote into it
}

// Info reads what the model's file says about itself without loading the model.
// It reads the whole file once but looks at its top only. An element type that
// this package has no name for is DType 0; an input that is no tensor has no
// shape either, and is not of any rank.
func (m Model) Info() (ModelInfo, error) {
	data, err := m.Bytes()
	if err != nil {
		return ModelInfo{}, err
	}
	top, err := onnxpb.ReadInfo(data)
	if err != nil {
		return ModelInfo{}, err
	}
	info := ModelInfo{Producer: top.ProducerName, Inputs: tensorInfos(top.Inputs), Outputs: tensorInfos(top.Outputs)}
	for _, o := range top.Opsets {
		if onnxpb.IsONNX(o.Domain) {
			info.Opset = o.Version
		}
	}
	if len(top.Metadata) > 0 {
		info.Metadata = make(map[string]string, len(top.Metadata))
		for _, e := range top.Metadata {
			info.Metadata[e.Key] = e.Value
		}
	}
	return info, nil
}

var dtypeOfONNX = map[onnxpb.DataType]DType{
	onnxpb.Float: Float32, onnxpb.Float16: Float16, onnxpb.Int64: Int64, onnxpb.Int32: Int32,
	onnxpb.Int8: Int8, onnxpb.Uint8: Uint8, onnxpb.Bool: Bool, onnxpb.String: String,
}

func tensorInfos(values []onnxpb.ValueInfo) []TensorInfo {
	out := make([]TensorInfo, len(values))
	for i, v := range values {
		out[i].Name = v.Name
		if v.Type == nil || v.Type.Tensor == nil {
			continue
		}
		out[i].DType = dtypeOfONNX[v.Type.Tensor.Elem]
		if v.Type.Tensor.Shape == nil {
			out[i].AnyRank = true
			continue
		}
		for _, d := range v.Type.Tensor.Shape.Dims {
			size := -1
			if d.Fixed && d.Value >= 0 && d.Value <= math.MaxInt32 {
				size = int(d.Value)
			}
			out[i].Shape = append(out[i].Shape, size)
			out[i].Names = append(out[i].Names, d.Param)
		}
	}
	return out
}
