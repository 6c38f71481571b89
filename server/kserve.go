package server

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// kserveRoutes are those of the Open Inference Protocol, version 2, with tensors as
// JSON; no extensions.
func (s *Server) kserveRoutes() []route {
	get := func(pattern, permission, summary string, response any, f func(http.ResponseWriter, *http.Request) error) route {
		return route{
			method: http.MethodGet, pattern: pattern, permission: permission, tag: "inference", quick: true,
			summary: summary, response: response, serve: f,
		}
	}
	all := []route{
		get("/v2", "", "Name and version of the server", ServerMetadata{}, s.serverMetadata),
		get("/v2/health/live", "", "Whether the process should go on", nil, passTo(s.health.LiveHandler())),
		get("/v2/health/ready", "", "Whether the process should get requests", nil, passTo(s.health.ReadyHandler())),
	}
	if len(s.serving.Models) == 0 {
		return all
	}
	for _, version := range []string{"", "/versions/{version}"} {
		all = append(all,
			get("/v2/models/{model}"+version, "models:list", "Inputs and outputs of a model", ModelMetadata{}, s.modelMetadata),
			get("/v2/models/{model}"+version+"/ready", "models:list", "Whether a model is ready", nil, s.modelReady),
			route{
				method: http.MethodPost, pattern: "/v2/models/{model}" + version + "/infer", permission: "models:infer",
				tag: "inference", summary: "Run a model on tensors", maxBody: largeBody, request: InferRequest{},
				response: InferResponse{}, serve: s.infer,
			})
	}
	return all
}

// ServerMetadata is the answer of GET /v2.
type ServerMetadata struct {
	Name       string   `json:"name"`       // "quintet"
	Version    string   `json:"version"`    // of the service
	Extensions []string `json:"extensions"` // none
}

// ModelMetadata is the answer of GET /v2/models/{model}.
type ModelMetadata struct {
	Name     string           `json:"name"`     // of the model
	Versions []string         `json:"versions"` // always "1"
	Platform string           `json:"platform"` // "onnx"
	Inputs   []TensorMetadata `json:"inputs"`   // in order
	Outputs  []TensorMetadata `json:"outputs"`  // in order
}

// TensorMetadata describes one input or output.
type TensorMetadata struct {
	Name     string `json:"name"`     // of the tensor
	Datatype string `json:"datatype"` // such as "FP32"
	Shape    []int  `json:"shape"`    // -1 where any size will do
}

// InferRequest is the body of POST /v2/models/{model}/infer.
type InferRequest struct {
	ID         string         `json:"id,omitempty"`         // comes back
	Parameters map[string]any `json:"parameters,omitempty"` // ignored
	Inputs     []InferTensor  `json:"inputs"`               // by name, in any order
	Outputs    []InferOutput  `json:"outputs,omitempty"`    // default: all
}

// InferTensor is a tensor with its elements, flat or nested, in row-major order.
type InferTensor struct {
	Name       string         `json:"name"`                 // of the tensor
	Datatype   string         `json:"datatype"`             // such as "FP32"
	Shape      []int          `json:"shape"`                // every size
	Parameters map[string]any `json:"parameters,omitempty"` // ignored
	Data       rawJSON        `json:"data"`                 // the elements
}

// InferOutput names an output that is wanted.
type InferOutput struct {
	Name       string         `json:"name"`                 // of the tensor
	Parameters map[string]any `json:"parameters,omitempty"` // ignored
}

// InferResponse is the answer.
type InferResponse struct {
	ModelName    string        `json:"model_name"`    // of the model
	ModelVersion string        `json:"model_version"` // always "1"
	ID           string        `json:"id,omitempty"`  // of the request
	Outputs      []InferTensor `json:"outputs"`       // those wanted, in their order
}

func (s *Server) serverMetadata(w http.ResponseWriter, _ *http.Request) error {
	send(w, http.StatusOK, ServerMetadata{"quintet", s.opt.Version, []string{}})
	return nil
}

// model returns the model that the path names.
func (s *Server) model(r *http.Request) (string, optimize.Session, error) {
	name := r.PathValue("model")
	m, ok := s.serving.Models[name]
	if v := r.PathValue("version"); !ok || v != "" && v != "1" {
		return "", nil, fmt.Errorf("no model %.100q: %w", name, errNotFound)
	}
	return name, m, nil
}

func (s *Server) modelReady(w http.ResponseWriter, r *http.Request) error {
	if _, _, err := s.model(r); err != nil {
		return err
	}
	send(w, http.StatusOK, map[string]bool{"ready": true})
	return nil
}

func (s *Server) modelMetadata(w http.ResponseWriter, r *http.Request) error {
	name, m, err := s.model(r)
	if err != nil {
		return err
	}
	send(w, http.StatusOK, ModelMetadata{name, []string{"1"}, "onnx", metadataOf(m.Inputs()), metadataOf(m.Outputs())})
	return nil
}

func metadataOf(all []optimize.TensorInfo) []TensorMetadata {
	out := make([]TensorMetadata, len(all))
	for i, t := range all {
		out[i] = TensorMetadata{t.Name, datatype(t.DType), some(t.Shape)}
	}
	return out
}

func (s *Server) infer(w http.ResponseWriter, r *http.Request) error {
	name, m, err := s.model(r)
	if err != nil {
		return err
	}
	var q InferRequest
	if err := readJSON(r, &q); err != nil {
		return err
	}
	in, err := tensorsOf(q.Inputs, m.Inputs())
	if err != nil {
		return err
	}
	out, err := m.Run(r.Context(), in)
	if err != nil {
		return err
	}
	answer := InferResponse{ModelName: name, ModelVersion: "1", ID: q.ID, Outputs: []InferTensor{}}
	infos := m.Outputs()
	for i, info := range infos {
		if len(q.Outputs) > 0 && !slices.ContainsFunc(q.Outputs, func(o InferOutput) bool { return o.Name == info.Name }) {
			continue
		}
		t, err := encodeTensor(info.Name, out[i])
		if err != nil {
			return err
		}
		answer.Outputs = append(answer.Outputs, t)
	}
	if len(q.Outputs) > len(answer.Outputs) {
		return fmt.Errorf("an output that is wanted is none of the model's: %w", quintet.ErrInput)
	}
	send(w, http.StatusOK, answer)
	return nil
}

// tensorsOf brings the inputs of a request in the order of the model.
func tensorsOf(given []InferTensor, want []optimize.TensorInfo) ([]optimize.Tensor, error) {
	by := make(map[string]InferTensor, len(given))
	for _, t := range given {
		by[t.Name] = t
	}
	if len(by) != len(given) || len(given) != len(want) {
		return nil, fmt.Errorf("%d inputs, the model has %d: %w", len(given), len(want), quintet.ErrInput)
	}
	out := make([]optimize.Tensor, len(want))
	for i, info := range want {
		t, ok := by[info.Name]
		if !ok {
			return nil, fmt.Errorf("no input %q: %w", info.Name, quintet.ErrInput)
		}
		if t.Datatype != datatype(info.DType) {
			return nil, fmt.Errorf("input %q is %.20q, the model has %s: %w", info.Name, t.Datatype, datatype(info.DType), quintet.ErrInput)
		}
		var err error
		if out[i], err = decodeTensor(t, info.DType); err != nil {
			return nil, fmt.Errorf("input %q: %w", info.Name, err)
		}
		if err := info.Check(out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// codec reads and writes elements of one type.
type codec struct {
	name   string
	decode func(InferTensor) (optimize.Tensor, error)
	encode func(optimize.Tensor) (rawJSON, error)
}

// codecs are the element types that JSON can hold, by their names in the protocol.
var codecs = map[optimize.DType]codec{
	optimize.Float32: {"FP32", decodeAs[float32], encodeAs[float32]},
	optimize.Int64:   {"INT64", decodeAs[int64], encodeAs[int64]},
	optimize.Int32:   {"INT32", decodeAs[int32], encodeAs[int32]},
	optimize.Int8:    {"INT8", decodeAs[int8], encodeAs[int8]},
	optimize.Uint8:   {"UINT8", decodeBytes, encodeBytes},
	optimize.Bool:    {"BOOL", decodeAs[bool], encodeAs[bool]},
	optimize.String:  {"BYTES", decodeAs[string], encodeAs[string]},
}

func datatype(t optimize.DType) string { return cmp.Or(codecs[t].name, strings.ToUpper(t.String())) }

func decodeTensor(t InferTensor, d optimize.DType) (optimize.Tensor, error) {
	c, ok := codecs[d]
	if !ok {
		return optimize.Tensor{}, fmt.Errorf("elements of %s: %w", datatype(d), quintet.ErrUnsupported)
	}
	return c.decode(t)
}

func encodeTensor(name string, t optimize.Tensor) (InferTensor, error) {
	out := InferTensor{Name: name, Datatype: datatype(t.DType()), Shape: some(t.Shape())}
	c, ok := codecs[t.DType()]
	if !ok {
		return out, fmt.Errorf("output %q of %s: %w", name, out.Datatype, quintet.ErrUnsupported)
	}
	var err error
	out.Data, err = c.encode(t)
	return out, err
}

func decodeAs[T optimize.Element](t InferTensor) (optimize.Tensor, error) {
	data, err := elements[T](t.Data)
	if err != nil {
		return optimize.Tensor{}, err
	}
	return optimize.NewTensor(data, t.Shape...)
}

// elements reads a list, which may be nested unless it is of strings: the brackets
// inside say no more than the shape does.
func elements[T any](b rawJSON) (data []T, err error) {
	if bytes.IndexByte(b, '"') < 0 && bytes.Count(b, []byte("[")) > 1 {
		flat := bytes.NewBuffer(make([]byte, 0, len(b)))
		flat.WriteByte('[')
		for _, c := range b {
			if c != '[' && c != ']' {
				flat.WriteByte(c)
			}
		}
		flat.WriteByte(']')
		b = flat.Bytes()
	}
	if err := json.Unmarshal(b, &data); err != nil {
		return nil, fmt.Errorf("data: %w: %w", err, quintet.ErrInput)
	}
	return data, nil
}

func encodeAs[T optimize.Element](t optimize.Tensor) (rawJSON, error) {
	data, err := optimize.Data[T](t)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("an output is not finite: %w: %w", err, quintet.ErrModel)
	}
	return b, nil
}

// decodeBytes reads bytes as numbers, where encoding/json wants base64.
func decodeBytes(t InferTensor) (optimize.Tensor, error) {
	wide, err := elements[uint16](t.Data)
	if err != nil {
		return optimize.Tensor{}, err
	}
	data := make([]uint8, len(wide))
	for i, v := range wide {
		if data[i] = uint8(v); v > math.MaxUint8 {
			return optimize.Tensor{}, fmt.Errorf("data: %d is no UINT8: %w", v, quintet.ErrInput)
		}
	}
	return optimize.NewTensor(data, t.Shape...)
}

func encodeBytes(t optimize.Tensor) (rawJSON, error) {
	data, err := optimize.Data[uint8](t)
	if err != nil {
		return nil, err
	}
	wide := make([]uint16, len(data))
	for i, v := range data {
		wide[i] = uint16(v)
	}
	return json.Marshal(wide)
}
