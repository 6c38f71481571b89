//go:build cgo

package onnx_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

func TestIdentityOfEveryType(t *testing.T) {
	round(t, onnxpb.Float, []float32{1.5, -0, 3e-39, -4, 5, 6})
	round(t, onnxpb.Float16, []optimize.Half{0x3c00, 0x8000, 0x0001, 0x7c00, 0xfbff, 0x03ff})
	round(t, onnxpb.Int64, []int64{1, -1 << 63, 3, 1<<63 - 1, 5, 6})
	round(t, onnxpb.Int32, []int32{1, -1 << 31, 3, 1<<31 - 1, 5, 6})
	round(t, onnxpb.Int8, []int8{1, -128, 3, 127, 5, 6})
	round(t, onnxpb.Uint8, []uint8{1, 255, 3, 0, 5, 6})
	round(t, onnxpb.Bool, []bool{true, false, false, true, true, false})
	round(t, onnxpb.String, []string{"a", "", "größer", "b c", "語", "\xff"})
}

func round[T optimize.Element](t *testing.T, elem onnxpb.DataType, data []T) {
	t.Helper()
	t.Run(elem.String(), func(t *testing.T) {
		free := []onnxpb.Dim{onnxpb.FreeDim("batch"), onnxpb.FixedDim(3)}
		s := load(t, inMemory(identity(elem, free...)))
		want := optimize.TensorInfo{Name: "x", DType: optimize.DTypeOf[T](), Shape: []int{-1, 3}, Names: []string{"batch", ""}}
		require.Equal(t, []optimize.TensorInfo{want}, s.Inputs())
		want.Name = "y"
		require.Equal(t, []optimize.TensorInfo{want}, s.Outputs())
		for rows := range 3 {
			in := tensor(t, data[:3*rows], rows, 3)
			out, err := s.Run(context.Background(), []optimize.Tensor{in})
			require.NoError(t, err)
			require.Len(t, out, 1)
			got, err := optimize.Data[T](out[0])
			require.NoError(t, err)
			require.Equal(t, append([]T{}, data[:3*rows]...), append([]T{}, got...))
			require.Equal(t, []int{rows, 3}, out[0].Shape())
		}
	})
}

func TestScalars(t *testing.T) {
	scalar(t, onnxpb.Float, float32(1.5))
	scalar(t, onnxpb.Int64, int64(-7))
	scalar(t, onnxpb.Int32, int32(-7))
	scalar(t, onnxpb.Int8, int8(-7))
	scalar(t, onnxpb.Uint8, uint8(7))
	scalar(t, onnxpb.Bool, true)

	b := onnxpb.NewBuilder("half")
	half := []onnxpb.Attribute{onnxpb.IntAttr("to", int64(onnxpb.Float16))}
	b.Rename(b.OpWith("Cast", half, b.Input("x", onnxpb.Float)), "y")
	b.Output("y", onnxpb.Float16)
	out, err := load(t, inMemory(b.Model(17))).Run(context.Background(), []optimize.Tensor{tensor(t, []float32{-2})})
	require.NoError(t, err)
	require.Equal(t, tensor(t, []optimize.Half{0xc000}), out[0])
}

func scalar[T optimize.Element](t *testing.T, elem onnxpb.DataType, v T) {
	t.Helper()
	t.Run(elem.String(), func(t *testing.T) {
		s := load(t, inMemory(identity(elem)))
		out, err := s.Run(context.Background(), []optimize.Tensor{tensor(t, []T{v})})
		require.NoError(t, err)
		require.Equal(t, tensor(t, []T{v}), out[0])
	})
}

func TestInputsOfAnyRank(t *testing.T) {
	b := onnxpb.NewBuilder("any")
	b.Rename(b.Op("Identity", b.Input("x", onnxpb.Float)), "y")
	b.Output("y", onnxpb.Float)
	m := b.Model(17)
	m.Graph.Inputs[0].Type.Tensor.Shape, m.Graph.Outputs[0].Type.Tensor.Shape = nil, nil
	s := load(t, inMemory(m))
	require.Equal(t, []optimize.TensorInfo{{Name: "x", DType: optimize.Float32, AnyRank: true}}, s.Inputs())
	require.Equal(t, []optimize.TensorInfo{{Name: "y", DType: optimize.Float32, AnyRank: true}}, s.Outputs())
	info, err := inMemory(m).Info()
	require.NoError(t, err)
	require.Equal(t, s.Inputs(), info.Inputs)
	for _, shape := range [][]int{{4}, {1, 2, 2}} {
		out, err := s.Run(context.Background(), []optimize.Tensor{tensor(t, []float32{1, 2, 3, 4}, shape...)})
		require.NoError(t, err)
		require.Equal(t, shape, out[0].Shape())
	}
	_, err = s.Run(context.Background(), []optimize.Tensor{tensor(t, []int64{1}, 1)})
	require.ErrorIs(t, err, quintet.ErrInput)
	require.ErrorContains(t, err, "input x float32[...] got int64[1]")
}

func TestRunRefuses(t *testing.T) {
	s := load(t, inMemory(identity(onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(3))))
	words := load(t, inMemory(identity(onnxpb.String, onnxpb.FreeDim("n"))))
	good := tensor(t, []float32{1, 2, 3}, 1, 3)
	tests := map[string]struct {
		session optimize.Session
		inputs  []optimize.Tensor
		want    string
	}{
		"no inputs":       {s, nil, "got 0 inputs, model has 1"},
		"too many inputs": {s, []optimize.Tensor{good, good}, "got 2 inputs, model has 1"},
		"another type":    {s, []optimize.Tensor{tensor(t, []int64{1, 2, 3}, 1, 3)}, "input x float32[batch 3] got int64[1 3]"},
		"another rank":    {s, []optimize.Tensor{tensor(t, []float32{1, 2, 3}, 3)}, "input x float32[batch 3] got float32[3]"},
		"another size":    {s, []optimize.Tensor{tensor(t, []float32{1, 2}, 1, 2)}, "input x float32[batch 3] got float32[1 2]"},
		"no tensor":       {s, make([]optimize.Tensor, 1), "got invalid[]"},
		"a zero byte":     {words, []optimize.Tensor{tensor(t, []string{"a", "b\x00c"}, 2)}, "string 1 has a zero byte"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := tt.session.Run(context.Background(), tt.inputs)
			require.ErrorIs(t, err, quintet.ErrInput)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestValuesThatTheModelRefuses(t *testing.T) {
	b := onnxpb.NewBuilder("gather")
	table := b.Weight(onnxpb.NewTensor("table", []float32{1, 2, 3}, 3))
	b.Rename(b.Op("Gather", table, b.Input("ids", onnxpb.Int64, onnxpb.FreeDim("n"))), "y")
	b.Output("y", onnxpb.Float, onnxpb.FreeDim("n"))
	s := load(t, inMemory(b.Model(17)))
	_, err := s.Run(context.Background(), []optimize.Tensor{tensor(t, []int64{0, 3}, 2)})
	require.ErrorIs(t, err, quintet.ErrInput)
	require.ErrorContains(t, err, "3")
	out, err := s.Run(context.Background(), []optimize.Tensor{tensor(t, []int64{0, 2}, 2)})
	require.NoError(t, err)
	require.Equal(t, tensor(t, []float32{1, 3}, 2), out[0])
}

func TestContextEndsBeforeAndDuringWork(t *testing.T) {
	model := inMemory(long(256, 1_000_000))
	s := load(t, model)
	x := tensor(t, make([]float32, 256*256), 256, 256)

	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := s.Run(ended, []optimize.Tensor{x})
	require.ErrorIs(t, err, context.Canceled)
	_, err = open(t, onnx.Options{}).Load(ended, model, optimize.SessionOptions{})
	require.ErrorIs(t, err, context.Canceled)

	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err = s.Run(ctx, []optimize.Tensor{x})
	deadline, _ := ctx.Deadline()
	t.Logf("a run of minutes returned %v after its context ended", time.Since(deadline))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestCloseWaitsForRuns(t *testing.T) {
	s := load(t, inMemory(long(256, 100)))
	x := tensor(t, make([]float32, 256*256), 256, 256)
	var runs sync.WaitGroup
	for range 4 {
		runs.Go(func() {
			for {
				if _, err := s.Run(context.Background(), []optimize.Tensor{x}); err != nil {
					if !errors.Is(err, quintet.ErrClosed) {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	_, err := s.Run(context.Background(), []optimize.Tensor{x})
	require.NoError(t, err)
	var closers sync.WaitGroup
	for range 2 {
		closers.Go(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	closers.Wait()
	runs.Wait()
	_, err = s.Run(context.Background(), []optimize.Tensor{x})
	require.ErrorIs(t, err, quintet.ErrClosed)
}

func TestManyGoroutinesOnOneSession(t *testing.T) {
	b := onnxpb.NewBuilder("double")
	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("n"))
	b.Rename(b.Op("Add", x, x), "y")
	b.Output("y", onnxpb.Float, onnxpb.FreeDim("n"))
	s := load(t, inMemory(b.Model(17)))
	double := func(rng *rand.Rand) error {
		in := make([]float32, 1+rng.IntN(64))
		for i := range in {
			in[i] = rng.Float32()
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		x, err := optimize.NewTensor(in, len(in))
		if err != nil {
			return err
		}
		out, err := s.Run(ctx, []optimize.Tensor{x})
		if err != nil {
			return err
		}
		got, err := optimize.Data[float32](out[0])
		for i := range got {
			if got[i] != 2*in[i] {
				return fmt.Errorf("twice %v is %v", in[i], got[i])
			}
		}
		return err
	}
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(g)))
			for range 1250 {
				if err := double(rng); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// The binding keeps no reference to the memory of inputs: without pinning, what
// the caller drops is collected and overwritten while C still reads it.
func TestInputsOutliveTheGarbageCollector(t *testing.T) {
	const n = 256
	s := load(t, inMemory(long(n, 40)))
	stop := make(chan struct{})
	var churn sync.WaitGroup
	churn.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			garbage := make([]float32, n*n)
			for i := range garbage {
				garbage[i] = 7
			}
			runtime.GC()
		}
	})
	defer churn.Wait()
	defer close(stop)
	for range 20 {
		one := make([]float32, n*n) // the unit matrix, whose powers are all the same
		for i := range n {
			one[i*n+i] = 1
		}
		inputs := []optimize.Tensor{tensor(t, one, n, n)}
		one = nil
		out, err := s.Run(context.Background(), inputs)
		require.NoError(t, err)
		inputs = nil
		runtime.GC()
		got, err := optimize.Data[float32](out[0])
		require.NoError(t, err)
		for i, v := range got {
			if (i%(n+1) == 0) != (v == 1) || v != 0 && v != 1 {
				t.Fatalf("element %d is %v", i, v)
			}
		}
	}
}

func TestFaceDetectorOnDisk(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "data", "models", "ultraface-rfb-320.onnx")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no model of faces: %v", err)
	}
	m, err := optimize.OpenModel(path)
	require.NoError(t, err)
	s := load(t, m)
	in := s.Inputs()[0]
	require.Equal(t, []int{1, 3, 240, 320}, in.Shape)
	rng := rand.New(rand.NewPCG(1, 2))
	picture := make([]float32, 3*240*320)
	for i := range picture {
		picture[i] = 2*rng.Float32() - 1
	}
	out, err := s.Run(context.Background(), []optimize.Tensor{tensor(t, picture, in.Shape...)})
	require.NoError(t, err)
	require.Equal(t, []int{1, 4420, 2}, out[0].Shape())
	require.Equal(t, []int{1, 4420, 4}, out[1].Shape())
	scores, err := optimize.Data[float32](out[0])
	require.NoError(t, err)
	for i := 0; i < len(scores); i += 2 {
		require.InDelta(t, 1, scores[i]+scores[i+1], 1e-5, "anchor %d: no face and face", i/2)
	}
}
