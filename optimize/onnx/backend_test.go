//go:build cgo

package onnx_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

func TestNewRefuses(t *testing.T) {
	tests := map[string]struct {
		opt  onnx.Options
		want string
	}{
		"a device that does not exist": {onnx.Options{Devices: []string{"abacus"}}, `onnx: no device "abacus"`},
		"a number for the CPU":         {onnx.Options{Devices: []string{"cpu:1"}}, `no device "cpu:1"`},
		"a bad number":                 {onnx.Options{Devices: []string{"cuda:-1"}}, `no device "cuda:-1"`},
		"a device named twice":         {onnx.Options{Devices: []string{"cuda", "cuda:0"}}, `device "cuda:0" is named twice`},
		"a negative limit":             {onnx.Options{GPUMemLimit: -1}, "GPUMemLimit is -1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := onnx.New(tt.opt)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestLibraryThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "notes.txt")
	require.NoError(t, os.WriteFile(file, []byte("hello, world"), 0o600))
	tests := map[string]string{"missing": filepath.Join(dir, "gone.so"), "empty folder": dir, "no library": file}
	for name, library := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := onnx.New(onnx.Options{Library: library})
			require.ErrorIs(t, err, quintet.ErrUnsupported)
			require.ErrorContains(t, err, library)
		})
	}
}

func TestBackendsShareTheLibrary(t *testing.T) {
	a := open(t, onnx.Options{})
	b := open(t, onnx.Options{Library: a.Library()})
	require.Equal(t, a.Library(), b.Library())
	require.Equal(t, "onnxruntime", a.Name())
	require.Regexp(t, `^1\.\d+\.\d+$`, a.Version())
	t.Logf("ONNX Runtime %s at %s", a.Version(), a.Library())

	data, err := os.ReadFile(a.Library())
	require.NoError(t, err)
	other := filepath.Join(t.TempDir(), filepath.Base(a.Library()))
	require.NoError(t, os.WriteFile(other, data, 0o700))
	_, err = onnx.New(onnx.Options{Library: other})
	require.ErrorIs(t, err, quintet.ErrOption)
	require.ErrorContains(t, err, "has loaded ONNX Runtime "+a.Version()+" from "+a.Library())
}

func TestLoadRefuses(t *testing.T) {
	whole := identity(onnxpb.Float, onnxpb.FixedDim(1)).Append(nil)
	unknown := onnxpb.NewBuilder("unknown")
	unknown.Rename(unknown.Op("Frobnicate", unknown.Input("x", onnxpb.Float, onnxpb.FixedDim(1))), "y")
	unknown.Output("y", onnxpb.Float, onnxpb.FixedDim(1))
	broken := onnxpb.NewBuilder("broken")
	broken.Input("x", onnxpb.Float, onnxpb.FixedDim(1))
	broken.Rename(broken.Op("Relu", "nobody"), "y")
	broken.Output("y", onnxpb.Float, onnxpb.FixedDim(1))
	constant := onnxpb.NewBuilder("constant")
	constant.Rename(constant.Op("Identity", constant.Weight(onnxpb.NewTensor("w", []float32{1}, 1))), "y")
	constant.Output("y", onnxpb.Float, onnxpb.FixedDim(1))
	outside := identity(onnxpb.Float, onnxpb.FixedDim(1))
	outside.Graph.Initializers = append(outside.Graph.Initializers, &onnxpb.Tensor{Name: "w", DataType: onnxpb.Float,
		Dims: []int64{1}, Location: onnxpb.Outside, External: []onnxpb.Entry{{Key: "location", Value: "w.bin"}}})
	tests := map[string]struct {
		model optimize.Model
		cause error
	}{
		"no model":              {optimize.Model{}, quintet.ErrModel},
		"no bytes":              {optimize.ModelBytes(nil), quintet.ErrModel},
		"garbage":               {optimize.ModelBytes([]byte(strings.Repeat("garbage", 100))), quintet.ErrModel},
		"a truncated file":      {optimize.ModelBytes(whole[:len(whole)/2]), quintet.ErrModel},
		"a missing value":       {inMemory(broken.Model(17)), quintet.ErrModel},
		"an unknown operator":   {inMemory(unknown.Model(17)), quintet.ErrUnsupported},
		"a future operator set": {inMemory(unknown.Model(999)), quintet.ErrUnsupported},
		"float64":               {inMemory(identity(onnxpb.Double, onnxpb.FixedDim(1))), quintet.ErrUnsupported},
		"a scalar string":       {inMemory(identity(onnxpb.String)), quintet.ErrUnsupported},
		"no inputs":             {inMemory(constant.Model(17)), quintet.ErrUnsupported},
		"weights elsewhere":     {inMemory(outside), quintet.ErrUnsupported},
	}
	b := open(t, onnx.Options{Devices: []string{"cpu"}})
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := b.Load(context.Background(), tt.model, optimize.SessionOptions{})
			require.ErrorIs(t, err, tt.cause)
			require.Nil(t, s)
			t.Log(err)
		})
	}
	_, err := b.Load(context.Background(), optimize.ModelBytes(whole), optimize.SessionOptions{Threads: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = b.Load(context.Background(), optimize.ModelBytes(whole), optimize.SessionOptions{Device: "abacus"})
	require.ErrorIs(t, err, quintet.ErrOption)
}

// onDisk writes a model that adds a weight in another file to its input.
func onDisk(t *testing.T, elem onnxpb.DataType, raw []byte) string {
	t.Helper()
	b := onnxpb.NewBuilder("outside")
	w := b.Weight(&onnxpb.Tensor{Name: "w", DataType: elem, Dims: []int64{2}, Location: onnxpb.Outside,
		External: []onnxpb.Entry{{Key: "location", Value: "weights.bin"}, {Key: "offset", Value: "0"},
			{Key: "length", Value: strconv.Itoa(len(raw))}}})
	b.Rename(b.Op("Add", b.Input("x", elem, onnxpb.FixedDim(2)), w), "y")
	b.Output("y", elem, onnxpb.FixedDim(2))
	dir := t.TempDir()
	path := filepath.Join(dir, "model.onnx")
	require.NoError(t, os.WriteFile(path, b.Model(17).Append(nil), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "weights.bin"), raw, 0o600))
	return path
}

func TestWeightsInAnotherFile(t *testing.T) {
	path := onDisk(t, onnxpb.Float, []byte{0, 0, 128, 63, 0, 0, 0, 64}) // 1, 2
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

func TestCloseOfBackend(t *testing.T) {
	b := open(t, onnx.Options{Devices: []string{"cpu"}})
	m := inMemory(identity(onnxpb.Float, onnxpb.FixedDim(1)))
	s, err := b.Load(context.Background(), m, optimize.SessionOptions{})
	require.NoError(t, err)
	require.ErrorIs(t, b.Close(), quintet.ErrBusy)
	require.NoError(t, s.Close())
	require.NoError(t, b.Close())
	require.NoError(t, b.Close())
	_, err = b.Load(context.Background(), m, optimize.SessionOptions{})
	require.ErrorIs(t, err, quintet.ErrClosed)
}

func TestLoadAndCloseManyTimes(t *testing.T) {
	b := open(t, onnx.Options{Devices: []string{"cpu"}})
	m := inMemory(long(64, 3))
	x := tensor(t, make([]float32, 64*64), 64, 64)
	var first, last int
	for i := range 200 {
		s, err := b.Load(context.Background(), m, optimize.SessionOptions{})
		require.NoError(t, err)
		_, err = s.Run(context.Background(), []optimize.Tensor{x})
		require.NoError(t, err)
		require.NoError(t, s.Close())
		if i == 20 {
			first = resident(t)
		}
	}
	last = resident(t)
	t.Logf("resident memory after 20 cycles %d KiB, after 200 cycles %d KiB", first, last)
	require.Less(t, last, 2*first+65536)
}

// resident is the memory of this process in KiB, 0 where it cannot be told.
func resident(t *testing.T) int {
	t.Helper()
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, tail, _ := strings.Cut(string(data), "VmRSS:")
	var n int
	_, err = fmt.Sscan(tail, &n)
	require.NoError(t, err)
	return n
}

func TestDevices(t *testing.T) {
	b := open(t, onnx.Options{Devices: []string{"cuda:1", "cpu"}})
	var names []string
	for i, d := range b.Devices() {
		t.Logf("%s %s %v: %s", d.Name, d.Detail, d.Available, d.Reason)
		names = append(names, d.Name)
		require.Equal(t, "onnxruntime", d.Backend)
		require.Contains(t, d.Detail, b.Version())
		if !d.Available {
			require.NotEmpty(t, d.Reason)
			require.NotZero(t, i, "the CPU is there and comes first")
		}
	}
	require.ElementsMatch(t, []string{"cpu", "cuda:1", "tensorrt:0", "directml:0", "coreml", "openvino"}, names)
}

func TestFallback(t *testing.T) {
	b := open(t, onnx.Options{Devices: []string{"cuda:7", "cpu"}})
	for _, d := range b.Devices() {
		if d.Name == "cuda:7" && d.Available {
			t.Skip("this machine has eight GPUs")
		}
	}
	m := inMemory(identity(onnxpb.Float, onnxpb.FixedDim(1)))
	s, err := b.Load(context.Background(), m, optimize.SessionOptions{})
	require.NoError(t, err)
	require.Equal(t, "cpu", s.Device())
	require.ErrorContains(t, reason(s), "cuda:7: ")
	require.ErrorIs(t, reason(s), quintet.ErrUnsupported)
	require.NoError(t, s.Close())

	_, err = b.Load(context.Background(), m, optimize.SessionOptions{Strict: true})
	require.ErrorIs(t, err, quintet.ErrUnsupported)
	require.ErrorContains(t, err, "cuda:7: ")
	s, err = b.Load(context.Background(), m, optimize.SessionOptions{Device: "cpu", Strict: true, Threads: 2})
	require.NoError(t, err)
	require.Equal(t, "cpu", s.Device())
	require.NoError(t, reason(s))
	require.NoError(t, s.Close())

	auto, err := open(t, onnx.Options{Strict: true, NoArena: true}).Load(context.Background(), m, optimize.SessionOptions{})
	require.NoError(t, err, "strictness does not ask for a device that nobody named")
	require.NoError(t, auto.Close())
}

// reason is why a session is not on the first device.
func reason(s optimize.Session) error { return s.(interface{ Reason() error }).Reason() }

// A session whose Load nobody waits for any more is closed when it is there.
func TestContextEndsDuringLoad(t *testing.T) {
	b, err := onnx.New(onnx.Options{Devices: []string{"cpu"}, Library: open(t, onnx.Options{}).Library()})
	require.NoError(t, err)
	m := inMemory(long(64, 3))
	for range 50 {
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		s, err := b.Load(ctx, m, optimize.SessionOptions{})
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			continue
		}
		require.NoError(t, s.Close())
	}
	for err = b.Close(); errors.Is(err, quintet.ErrBusy); err = b.Close() {
		runtime.Gosched()
	}
	require.NoError(t, err)
}
