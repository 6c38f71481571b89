//go:build cgo

package onnx_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

// withOutside is a model that adds a weight in another file to its input.
func withOutside(elem onnxpb.DataType, n, length int64) []byte {
	b := onnxpb.NewBuilder("outside")
	w := b.Weight(&onnxpb.Tensor{Name: "w", DataType: elem, Dims: []int64{n}, Location: onnxpb.Outside,
		External: []onnxpb.Entry{{Key: "location", Value: "weights.bin"}, {Key: "offset", Value: "0"},
			{Key: "length", Value: strconv.FormatInt(length, 10)}}})
	b.Rename(b.Op("Add", b.Input("x", elem, onnxpb.FixedDim(n)), w), "y")
	b.Output("y", elem, onnxpb.FixedDim(n))
	return b.Model(17).Append(nil)
}

// onDisk writes that model and its weights.
func onDisk(t *testing.T, elem onnxpb.DataType, raw []byte) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "model.onnx")
	require.NoError(t, os.WriteFile(path, withOutside(elem, 2, int64(len(raw))), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "weights.bin"), raw, 0o600))
	return path
}

var oneAndTwo = []byte{0, 0, 128, 63, 0, 0, 0, 64} // as float32

func TestWeightsInAnotherFile(t *testing.T) {
	path := onDisk(t, onnxpb.Float, oneAndTwo)
	m, err := optimize.OpenModel(path)
	require.NoError(t, err)
	out, err := load(t, m).Run(context.Background(), []optimize.Tensor{tensor(t, []float32{10, 20}, 2)})
	require.NoError(t, err)
	require.Equal(t, tensor(t, []float32{11, 22}, 2), out[0])

	half, err := optimize.OpenModel(onDisk(t, onnxpb.Float16, []byte{0, 0x3c, 0, 0x40})) // 1, 2
	require.NoError(t, err)
	out, err = load(t, half).Run(context.Background(), []optimize.Tensor{tensor(t, []optimize.Half{0x4000, 0x4000}, 2)})
	require.NoError(t, err)
	require.Equal(t, tensor(t, []optimize.Half{0x4200, 0x4400}, 2), out[0])

	require.NoError(t, os.Remove(filepath.Join(filepath.Dir(path), "weights.bin")))
	b := open(t, onnx.Options{})
	_, err = b.Load(context.Background(), m, optimize.SessionOptions{})
	require.ErrorIs(t, err, quintet.ErrModel)
	require.ErrorContains(t, err, "onnx: model.onnx: ")
	require.ErrorContains(t, err, "weights.bin")
}

func TestWeightsInAnotherFileInMemory(t *testing.T) {
	data := withOutside(onnxpb.Float, 2, 8)
	tests := map[string]fstest.MapFS{
		"beside the model": {"model.onnx": {Data: data}, "weights.bin": {Data: oneAndTwo}},
		"in a folder":      {"onnx/model.onnx": {Data: data}, "onnx/weights.bin": {Data: oneAndTwo}},
	}
	for name, fsys := range tests {
		t.Run(name, func(t *testing.T) {
			m, err := optimize.ModelFS(fsys, "")
			require.NoError(t, err)
			out, err := load(t, m).Run(context.Background(), []optimize.Tensor{tensor(t, []float32{10, 20}, 2)})
			require.NoError(t, err)
			require.Equal(t, tensor(t, []float32{11, 22}, 2), out[0])
		})
	}
}

func TestWeightsThatAreNotThere(t *testing.T) {
	data := withOutside(onnxpb.Float, 2, 8)
	fromFS := func(fsys fstest.MapFS) optimize.Model {
		m, err := optimize.ModelFS(fsys, "")
		require.NoError(t, err)
		return m
	}
	tests := map[string]struct {
		model optimize.Model
		cause error
		want  string
	}{
		"of a model from bytes": {optimize.ModelBytes(data), quintet.ErrUnsupported,
			"weights are in other files; open the model from a disk or file system that has them"},
		"in no file": {fromFS(fstest.MapFS{"model.onnx": {Data: data}}), quintet.ErrModel, "weights.bin"},
		"cut off": {fromFS(fstest.MapFS{"model.onnx": {Data: data}, "weights.bin": {Data: oneAndTwo[:7]}}), quintet.ErrModel,
			"weights.bin has 7 bytes, want 8 from 0 on"},
		"another length": {fromFS(fstest.MapFS{"model.onnx": {Data: withOutside(onnxpb.Float, 2, 9)}}), quintet.ErrModel,
			"needs 8 bytes"},
		"more than fits into one file": {
			fromFS(fstest.MapFS{"model.onnx": {Data: withOutside(onnxpb.Float, 1<<30, 1<<32)}}),
			quintet.ErrUnsupported, "open the model from disk"},
	}
	b := open(t, onnx.Options{Devices: []string{"cpu"}})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := b.Load(context.Background(), tt.model, optimize.SessionOptions{})
			require.ErrorIs(t, err, tt.cause)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// sizeOf is the memory that a session says it takes.
func sizeOf(s optimize.Session) int64 { return s.(interface{ Bytes() int64 }).Bytes() }

func TestBytesCountAllWeights(t *testing.T) {
	const allowance = 4 << 20
	path := onDisk(t, onnxpb.Float, oneAndTwo)
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	m, err := optimize.OpenModel(path)
	require.NoError(t, err)
	require.EqualValues(t, len(file)+len(oneAndTwo)+allowance, sizeOf(load(t, m)), "on disk")
	m, err = optimize.ModelFS(fstest.MapFS{"model.onnx": {Data: file}, "weights.bin": {Data: oneAndTwo}}, "")
	require.NoError(t, err)
	require.EqualValues(t, len(file)+len(oneAndTwo)+allowance, sizeOf(load(t, m)), "in memory")

	b := open(t, onnx.Options{Devices: []string{"cpu"}})
	rt, err := optimize.New(optimize.Options{Backend: b, MemoryBudget: math.MaxInt32})
	require.NoError(t, err)
	s, err := rt.Session(context.Background(), m, optimize.SessionOptions{})
	require.NoError(t, err)
	require.EqualValues(t, len(file)+len(oneAndTwo)+allowance, rt.SessionStats().Bytes, "the runtime asks the session")
	require.NoError(t, s.Close())
}
