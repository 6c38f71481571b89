package onnxpb_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
)

// FuzzRead holds any input against the promises of Read and Append: an error
// with a cause or a model, which written and read again is written the same, and
// whose tensors and names can be asked for anything.
func FuzzRead(f *testing.F) {
	every, err := os.ReadFile("testdata/every.onnx")
	require.NoError(f, err)
	f.Add(every)
	f.Add(testmodel.Encoder(testmodel.EncoderOptions{Layers: 1, Hidden: 4, Heads: 2, Inner: 4, Vocab: 4, Positions: 4}).Append(nil))
	f.Add(testmodel.Encoder(testmodel.EncoderOptions{Opset: 11, Layers: 1, Hidden: 2, Heads: 1, Inner: 2, Vocab: 2, Positions: 2}).Append(nil))
	f.Add(chain(3).Append(nil))
	f.Add(holding(outside("w", []int64{2}, "w.bin", "offset", "4")).Append(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, infoErr := onnxpb.ReadInfo(data)
		m, err := onnxpb.Read(data)
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrModel)
			require.Nil(t, m)
			return
		}
		require.NoError(t, infoErr, "Read is stricter than ReadInfo")
		once := m.Append(nil)
		require.Equal(t, len(once), m.Size())
		again, err := onnxpb.Read(once)
		require.NoError(t, err)
		require.True(t, bytes.Equal(once, again.Append(nil)), "written differently the second time")
		require.Equal(t, dump(m), dump(again))
		for tensor := range m.Tensors() {
			askEverything(t, tensor)
		}
	})
}

// FuzzTensor holds any tensor against the promise of its accessors: as many
// elements as the dimensions say, or an error with a cause.
func FuzzTensor(f *testing.F) {
	f.Add(onnxpb.NewTensor("w", []float32{1, 2}, 2).Append(nil))
	f.Add(onnxpb.NewTensor("w", []int64{1 << 40}).Append(nil))
	f.Add((&onnxpb.Tensor{DataType: onnxpb.Int4, Dims: []int64{3}, Int32Data: []int32{1, 2}}).Append(nil))
	f.Add((&onnxpb.Tensor{DataType: onnxpb.String, Dims: []int64{1}, StringData: [][]byte{{1}}}).Append(nil))
	f.Add((&onnxpb.Tensor{DataType: onnxpb.Complex64, Dims: []int64{1, 1}, FloatData: []float32{1, 2}}).Append(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		tensor, err := onnxpb.ReadTensor(data)
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrModel)
			return
		}
		askEverything(t, tensor)
	})
}

// askEverything calls every accessor of a tensor.
func askEverything(t *testing.T, tensor *onnxpb.Tensor) {
	t.Helper()
	n, lenErr := tensor.Len()
	for name, read := range readers {
		v, err := read(tensor)
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrModel, name)
			continue
		}
		require.NoError(t, lenErr, name)
		require.Equal(t, n, length(v), name)
	}
	b, err := tensor.Bytes()
	if err == nil {
		require.Equal(t, (n*tensor.DataType.Bits()+7)/8, len(b))
	}
	if _, err := tensor.Extent(); err != nil {
		require.ErrorIs(t, err, quintet.ErrModel)
	}
}

func length(v any) int {
	switch v := v.(type) {
	case []float32:
		return len(v)
	case []float64:
		return len(v)
	case []int64:
		return len(v)
	case []int32:
		return len(v)
	case []uint64:
		return len(v)
	case []int8:
		return len(v)
	case []uint8:
		return len(v)
	case []bool:
		return len(v)
	case []complex128:
		return len(v)
	}
	return len(v.([]string))
}
