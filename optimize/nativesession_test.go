package optimize_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
)

// These tests are those of optimize/onnx for what every backend promises.

func openNative(t testing.TB, m optimize.Model) optimize.Session {
	t.Helper()
	b, err := optimize.NewNative(optimize.NativeOptions{})
	require.NoError(t, err)
	s, err := b.Load(context.Background(), m, optimize.SessionOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func bytesOf(m *onnxpb.Model) optimize.Model { return optimize.ModelBytes(m.Append(nil)) }

// giveBack is a model that gives back what it gets.
func giveBack(elem onnxpb.DataType, dims ...onnxpb.Dim) *onnxpb.Model {
	b := onnxpb.NewBuilder("identity")
	b.Rename(b.Op("Identity", b.Input("x", elem, dims...)), "y")
	b.Output("y", elem, dims...)
	return b.Model(17)
}

func of[T optimize.Element](t testing.TB, data []T, shape ...int) optimize.Tensor {
	t.Helper()
	x, err := optimize.NewTensor(data, shape...)
	require.NoError(t, err)
	return x
}

func TestNativeIdentityOfEveryType(t *testing.T) {
	back(t, onnxpb.Float, []float32{1.5, -0, 3e-39, -4, 5, 6})
	back(t, onnxpb.Float16, []optimize.Half{0x3c00, 0x8000, 0x0001, 0x7c00, 0xfbff, 0x03ff})
	back(t, onnxpb.Int64, []int64{1, -1 << 63, 3, 1<<63 - 1, 5, 6})
	back(t, onnxpb.Int32, []int32{1, -1 << 31, 3, 1<<31 - 1, 5, 6})
	back(t, onnxpb.Int8, []int8{1, -128, 3, 127, 5, 6})
	back(t, onnxpb.Uint8, []uint8{1, 255, 3, 0, 5, 6})
	back(t, onnxpb.Bool, []bool{true, false, false, true, true, false})
}

func back[T optimize.Element](t *testing.T, elem onnxpb.DataType, data []T) {
	t.Helper()
	t.Run(elem.String(), func(t *testing.T) {
		s := openNative(t, bytesOf(giveBack(elem, onnxpb.FreeDim("batch"), onnxpb.FixedDim(3))))
		require.Len(t, s.Inputs(), 1)
		require.Equal(t, optimize.DTypeOf[T](), s.Inputs()[0].DType)
		require.Equal(t, []int{-1, 3}, s.Inputs()[0].Shape)
		for rows := range 3 {
			in := of(t, slices.Clone(data[:3*rows]), rows, 3)
			out, err := s.Run(context.Background(), []optimize.Tensor{in})
			require.NoError(t, err)
			require.Len(t, out, 1)
			require.Equal(t, []int{rows, 3}, out[0].Shape())
			got, err := optimize.Data[T](out[0])
			require.NoError(t, err)
			require.Equal(t, append([]T{}, data[:3*rows]...), append([]T{}, got...))
			mine, err := optimize.Data[T](in)
			require.NoError(t, err)
			if rows > 0 {
				require.NotSame(t, &mine[0], &got[0], "an output has memory of its own")
			}
		}
		scalar := openNative(t, bytesOf(giveBack(elem)))
		out, err := scalar.Run(context.Background(), []optimize.Tensor{of(t, data[:1])})
		require.NoError(t, err)
		require.Empty(t, out[0].Shape())
	})
}

func TestNativeInputsOfAnyRank(t *testing.T) {
	m := giveBack(onnxpb.Float)
	m.Graph.Inputs[0].Type.Tensor.Shape, m.Graph.Outputs[0].Type.Tensor.Shape = nil, nil
	s := openNative(t, bytesOf(m))
	require.True(t, s.Inputs()[0].AnyRank)
	for _, shape := range [][]int{{4}, {1, 2, 2}} {
		out, err := s.Run(context.Background(), []optimize.Tensor{of(t, []float32{1, 2, 3, 4}, shape...)})
		require.NoError(t, err)
		require.Equal(t, shape, out[0].Shape())
	}
}

func TestNativeLoadRefuses(t *testing.T) {
	whole := giveBack(onnxpb.Float, onnxpb.FixedDim(1)).Append(nil)
	unknown := onnxpb.NewBuilder("unknown")
	unknown.Output(unknown.Op("Frobnicate", unknown.Input("x", onnxpb.Float)), onnxpb.Float)
	broken := onnxpb.NewBuilder("broken")
	broken.Output(broken.Op("Relu", "nobody"), onnxpb.Float)
	tests := map[string]struct {
		model optimize.Model
		cause error
	}{
		"no model":              {optimize.Model{}, quintet.ErrModel},
		"no bytes":              {optimize.ModelBytes(nil), quintet.ErrModel},
		"garbage":               {optimize.ModelBytes([]byte(strings.Repeat("garbage", 100))), quintet.ErrModel},
		"a truncated file":      {optimize.ModelBytes(whole[:len(whole)/2]), quintet.ErrModel},
		"a missing value":       {bytesOf(broken.Model(17)), quintet.ErrModel},
		"an unknown operator":   {bytesOf(unknown.Model(17)), quintet.ErrUnsupported},
		"a future operator set": {bytesOf(unknown.Model(999)), quintet.ErrUnsupported},
		"float64":               {bytesOf(giveBack(onnxpb.Double, onnxpb.FixedDim(1))), quintet.ErrUnsupported},
		"strings":               {bytesOf(giveBack(onnxpb.String, onnxpb.FixedDim(1))), quintet.ErrUnsupported},
	}
	b, err := optimize.NewNative(optimize.NativeOptions{})
	require.NoError(t, err)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := b.Load(context.Background(), tt.model, optimize.SessionOptions{})
			require.ErrorIs(t, err, tt.cause)
			require.Nil(t, s)
		})
	}
	_, err = b.Load(context.Background(), optimize.ModelBytes(whole), optimize.SessionOptions{Threads: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = b.Load(context.Background(), optimize.ModelBytes(whole), optimize.SessionOptions{Device: "abacus"})
	require.Error(t, err)
	_, err = optimize.NewNative(optimize.NativeOptions{Threads: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = b.Load(ended, optimize.ModelBytes(whole), optimize.SessionOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestNativeRunRefuses(t *testing.T) {
	s := openNative(t, bytesOf(giveBack(onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(3))))
	good := of(t, []float32{1, 2, 3}, 1, 3)
	for name, in := range map[string][]optimize.Tensor{
		"no inputs":       nil,
		"too many inputs": {good, good},
		"another type":    {of(t, []int64{1, 2, 3}, 1, 3)},
		"another rank":    {of(t, []float32{1, 2, 3}, 3)},
		"another size":    {of(t, []float32{1, 2}, 1, 2)},
		"no tensor":       make([]optimize.Tensor, 1),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Run(context.Background(), in)
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
	b := onnxpb.NewBuilder("gather")
	table := b.Weight(onnxpb.NewTensor("table", []float32{1, 2, 3}, 3))
	b.Output(b.Op("Gather", table, b.Input("ids", onnxpb.Int64, onnxpb.FreeDim("n"))), onnxpb.Float, onnxpb.FreeDim("n"))
	gather := openNative(t, bytesOf(b.Model(17)))
	_, err := gather.Run(context.Background(), []optimize.Tensor{of(t, []int64{0, 3}, 2)})
	require.ErrorIs(t, err, quintet.ErrInput)
	own, err := optimize.NewNative(optimize.NativeOptions{MaxRunBytes: 1 << 20})
	require.NoError(t, err)
	few, err := own.Load(context.Background(), bytesOf(endless(700)), optimize.SessionOptions{})
	require.NoError(t, err)
	defer few.Close()
	_, err = few.Run(context.Background(), []optimize.Tensor{of(t, make([]float32, 700*700), 700, 700)})
	require.ErrorIs(t, err, quintet.ErrInput)
}

// endless multiplies a matrix with itself without end.
func endless(n int64) *onnxpb.Model {
	body := &onnxpb.Graph{Name: "body",
		Inputs:  []onnxpb.ValueInfo{{Name: "i"}, {Name: "go"}, {Name: "a"}},
		Outputs: []onnxpb.ValueInfo{{Name: "on"}, {Name: "b"}},
		Nodes: []*onnxpb.Node{onnxpb.NewNode("Identity", []string{"go"}, []string{"on"}),
			onnxpb.NewNode("MatMul", []string{"a", "x"}, []string{"b"})}}
	b := onnxpb.NewBuilder("endless")
	x := b.Input("x", onnxpb.Float, onnxpb.FixedDim(n), onnxpb.FixedDim(n))
	b.Output(b.OpWith("Loop", []onnxpb.Attribute{onnxpb.GraphAttr("body", body)}, "", "", x), onnxpb.Float,
		onnxpb.FixedDim(n), onnxpb.FixedDim(n))
	return b.Model(17)
}

// TestNativeContextEndsDuringWork ends a run that would last for ever, and one before
// it begins. Runs that follow are as before.
func TestNativeContextEndsDuringWork(t *testing.T) {
	s := openNative(t, bytesOf(endless(16)))
	in := []optimize.Tensor{of(t, make([]float32, 256), 16, 16)}
	for range 5 {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() {
			_, err := s.Run(ctx, in)
			ended <- err
		}()
		runtime.Gosched()
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	}
}

func TestNativeCloseWaitsForRuns(t *testing.T) {
	s := openNative(t, bytesOf(giveBack(onnxpb.Float, onnxpb.FreeDim("n"))))
	x := of(t, make([]float32, 1000), 1000)
	var runs, closers sync.WaitGroup
	begun := make(chan struct{}, 4)
	for range 4 {
		runs.Go(func() {
			for i := 0; ; i++ {
				if _, err := s.Run(context.Background(), []optimize.Tensor{x}); err != nil {
					if !errors.Is(err, quintet.ErrClosed) {
						t.Error(err)
					}
					return
				}
				if i == 0 {
					begun <- struct{}{}
				}
			}
		})
	}
	for range 4 {
		<-begun
	}
	for range 2 {
		closers.Go(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	closers.Wait()
	runs.Wait()
	_, err := s.Run(context.Background(), []optimize.Tensor{x})
	require.ErrorIs(t, err, quintet.ErrClosed)
}

// TestNativeOutputsOutliveTheSession has an output that is a constant of a model in a
// mapped file, and one made of it.
func TestNativeOutputsOutliveTheSession(t *testing.T) {
	b := onnxpb.NewBuilder("constant")
	w := b.Weight(onnxpb.NewTensor("w", []float32{1, 2, 3}, 3))
	x := b.Input("x", onnxpb.Float, onnxpb.FixedDim(3))
	b.Output(w, onnxpb.Float, onnxpb.FixedDim(3))
	b.Output(b.Op("Identity", w), onnxpb.Float, onnxpb.FixedDim(3))
	b.Output(b.Op("Reshape", w, b.Weight(onnxpb.NewTensor("s", []int64{1, 3}, 2))), onnxpb.Float, onnxpb.FixedDim(1), onnxpb.FixedDim(3))
	b.Output(b.Op("Add", x, w), onnxpb.Float, onnxpb.FixedDim(3))
	path := filepath.Join(t.TempDir(), "model.onnx")
	require.NoError(t, os.WriteFile(path, b.Model(17).Append(nil), 0o600))
	m, err := optimize.OpenModel(path)
	require.NoError(t, err)
	own, err := optimize.NewNative(optimize.NativeOptions{})
	require.NoError(t, err)
	s, err := own.Load(context.Background(), m, optimize.SessionOptions{})
	require.NoError(t, err)
	in := of(t, []float32{0, 0, 0}, 3)
	out, err := s.Run(context.Background(), []optimize.Tensor{in})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, os.Remove(path))
	for _, o := range out {
		got, err := optimize.Data[float32](o)
		require.NoError(t, err)
		require.Equal(t, []float32{1, 2, 3}, got)
		got[0] = 1 // it belongs to the caller
	}
}

// outside is a model that adds a weight in another file to its input.
func outside(location string) []byte {
	b := onnxpb.NewBuilder("outside")
	w := b.Weight(&onnxpb.Tensor{Name: "w", DataType: onnxpb.Float, Dims: []int64{2}, Location: onnxpb.Outside,
		External: []onnxpb.Entry{{Key: "location", Value: location}}})
	b.Output(b.Op("Add", b.Input("x", onnxpb.Float, onnxpb.FixedDim(2)), w), onnxpb.Float, onnxpb.FixedDim(2))
	return b.Model(17).Append(nil)
}

var oneAndTwo = []byte{0, 0, 128, 63, 0, 0, 0, 64} // as float32

func TestNativeWeightsInAnotherFile(t *testing.T) {
	dir := t.TempDir()
	inner := filepath.Join(dir, "model")
	require.NoError(t, os.Mkdir(inner, 0o700))
	for _, name := range []string{"secret.bin", "model/weights.bin"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), oneAndTwo, 0o600))
	}
	require.NoError(t, os.Symlink(filepath.Join(dir, "secret.bin"), filepath.Join(inner, "link.bin")))
	require.NoError(t, os.WriteFile(filepath.Join(inner, "short.bin"), oneAndTwo[:7], 0o600))
	own, err := optimize.NewNative(optimize.NativeOptions{})
	require.NoError(t, err)
	load := func(location string) (optimize.Session, error) {
		path := filepath.Join(inner, "model.onnx")
		require.NoError(t, os.WriteFile(path, outside(location), 0o600))
		m, err := optimize.OpenModel(path)
		require.NoError(t, err)
		return own.Load(context.Background(), m, optimize.SessionOptions{})
	}
	for _, location := range []string{"weights.bin", "./weights.bin"} {
		s, err := load(location)
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrModel)
			continue
		}
		out, err := s.Run(context.Background(), []optimize.Tensor{of(t, []float32{10, 20}, 2)})
		require.NoError(t, err)
		require.Equal(t, of(t, []float32{11, 22}, 2), out[0])
		require.NoError(t, s.Close())
	}
	for _, location := range []string{"../secret.bin", filepath.Join(dir, "secret.bin"), "link.bin", "short.bin", "nowhere.bin", "", ".",
		"..", "weights.bin\x00", "a/../../secret.bin"} {
		s, err := load(location)
		require.ErrorIs(t, err, quintet.ErrModel, location)
		require.Nil(t, s)
	}
	_, err = own.Load(context.Background(), optimize.ModelBytes(outside("weights.bin")), optimize.SessionOptions{})
	require.Error(t, err)
	m, err := optimize.ModelFS(fstest.MapFS{"onnx/model.onnx": {Data: outside("weights.bin")}, "onnx/weights.bin": {Data: oneAndTwo}}, "")
	require.NoError(t, err)
	out, err := openNative(t, m).Run(context.Background(), []optimize.Tensor{of(t, []float32{10, 20}, 2)})
	require.NoError(t, err)
	require.Equal(t, of(t, []float32{11, 22}, 2), out[0])
}

// TestNativeInputsOutliveTheGarbageCollector drops the inputs while they are read.
func TestNativeInputsOutliveTheGarbageCollector(t *testing.T) {
	b := onnxpb.NewBuilder("sum")
	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("n"))
	y := b.Op("Identity", x)
	for range 20 {
		y = b.Op("Max", b.Op("Abs", x), y)
	}
	b.Output(y, onnxpb.Float, onnxpb.FreeDim("n"))
	s := openNative(t, bytesOf(b.Model(17)))
	stop := make(chan struct{})
	var churn sync.WaitGroup
	churn.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	})
	defer churn.Wait()
	defer close(stop)
	for range 20 {
		ones := slices.Repeat([]float32{1}, 20_000)
		out, err := s.Run(context.Background(), []optimize.Tensor{of(t, ones, len(ones))})
		require.NoError(t, err)
		got, err := optimize.Data[float32](out[0])
		require.NoError(t, err)
		require.Equal(t, ones, got)
	}
}
