//go:build cgo

package onnx_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/optest"
	nntensor "github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

// TestTheNativeBackendsCasesHoldHere runs the cases of ONNX's conformance suite that
// the native backend must pass on ONNX Runtime, through the same tensors. So a case
// that the comparison would let pass whatever came out would have to fool two
// engines. ONNX Runtime lacks some types and old operators: the test wants most of
// the cases, and no wrong number.
func TestTheNativeBackendsCasesHoldHere(t *testing.T) {
	list, err := os.ReadFile("../../internal/nn/testdata/conformance.txt")
	require.NoError(t, err)
	b, err := onnx.New(onnx.Options{Dev: true})
	if err != nil {
		t.Skipf("no ONNX Runtime (go run ./optimize/onnx/install): %v", err)
	}
	defer b.Close()
	optest.Cases(t, "simple") // skips where the suite is not installed
	var passed, refused, wrong, names []string
	for _, name := range strings.Fields(string(list)) {
		switch ran, err := conform(t, b, filepath.Join(optest.Suite, filepath.FromSlash(name))); {
		case !ran:
			refused = append(refused, name)
		case err != nil:
			wrong, names = append(wrong, name+": "+err.Error()), append(names, name)
		default:
			passed = append(passed, name)
		}
	}
	t.Logf("%d passed, %d refused, differing:\n%s", len(passed), len(refused), strings.Join(wrong, "\n"))
	require.Equal(t, deviating, names)
	require.GreaterOrEqual(t, len(passed), 750)
}

// deviating are the cases in which ONNX Runtime differs from the suite: it computes
// the length of a fractional resize otherwise.
var deviating = []string{
	"node/test_resize_downsample_scales_cubic_align_corners",
	"node/test_resize_downsample_scales_linear_align_corners",
}

// conform runs the test data of a case. ran is false if the library or our tensors
// do not have what it needs.
func conform(t *testing.T, b *onnx.Backend, dir string) (ran bool, err error) {
	m, err := optimize.OpenModel(filepath.Join(dir, "model.onnx"))
	require.NoError(t, err)
	s, err := b.Load(context.Background(), m, optimize.SessionOptions{})
	if err != nil {
		return false, err
	}
	defer s.Close()
	sets, err := filepath.Glob(filepath.Join(dir, "test_data_set_*"))
	require.NoError(t, err)
	for _, set := range sets {
		in, err1 := caseTensors(set, "input")
		want, err2 := optest.Tensors(set, "output")
		if err1 != nil || err2 != nil || len(in) < len(s.Inputs()) {
			return false, nil
		}
		got, err := s.Run(context.Background(), in[:len(s.Inputs())])
		if err != nil {
			return false, err
		}
		for i, w := range want {
			g, ok := native(got[i])
			if !ok {
				return false, nil
			}
			if err := optest.Compare(g, w, 1e-3, 1e-4); err != nil {
				return true, err
			}
		}
	}
	return true, nil
}

// caseTensors reads inputs of a case.
func caseTensors(set, prefix string) (list []optimize.Tensor, err error) {
	all, err := optest.Tensors(set, prefix)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		var y optimize.Tensor
		switch x.Type {
		case onnxpb.Float:
			y, err = optimize.NewTensor(nntensor.Of[float32](x), x.Shape...)
		case onnxpb.Int64:
			y, err = optimize.NewTensor(nntensor.Of[int64](x), x.Shape...)
		case onnxpb.Int32:
			y, err = optimize.NewTensor(nntensor.Of[int32](x), x.Shape...)
		case onnxpb.Int8:
			y, err = optimize.NewTensor(nntensor.Of[int8](x), x.Shape...)
		case onnxpb.Uint8:
			y, err = optimize.NewTensor(x.Data, x.Shape...)
		case onnxpb.Bool:
			bools := make([]bool, len(x.Data))
			for i, v := range x.Data {
				bools[i] = v != 0
			}
			y, err = optimize.NewTensor(bools, x.Shape...)
		default:
			err = optest.ErrNoTensor
		}
		if err != nil {
			return nil, err
		}
		list = append(list, y)
	}
	return list, nil
}

// native is an output as the comparison takes it.
func native(x optimize.Tensor) (*nntensor.Tensor, bool) {
	switch x.DType() {
	case optimize.Float32:
		return fromData[float32](x)
	case optimize.Int64:
		return fromData[int64](x)
	case optimize.Int32:
		return fromData[int32](x)
	case optimize.Int8:
		return fromData[int8](x)
	case optimize.Uint8:
		return fromData[uint8](x)
	case optimize.Bool:
		v, err := optimize.Data[bool](x)
		y := &nntensor.Tensor{Type: onnxpb.Bool, Shape: x.Shape(), Data: make([]byte, len(v))}
		for i, b := range v {
			if b {
				y.Data[i] = 1
			}
		}
		return y, err == nil
	}
	return nil, false
}

func fromData[T float32 | int64 | int32 | int8 | uint8](x optimize.Tensor) (*nntensor.Tensor, bool) {
	v, err := optimize.Data[T](x)
	return nntensor.From(slices.Clone(v), x.Shape()...), err == nil
}
