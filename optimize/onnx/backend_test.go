//go:build cgo

package onnx_test

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
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

func TestDevices(t *testing.T) {
	b := open(t, onnx.Options{Devices: []string{"cuda:1", "cpu"}})
	kinds := map[string]optimize.DeviceKind{
		"cpu": optimize.DeviceCPU, "coreml": optimize.DeviceNPU, "openvino": optimize.DeviceNPU}
	var names []string
	for i, d := range b.Devices() {
		t.Logf("%s %s %v: %s", d.Name, d.Detail, d.Available, d.Reason)
		names = append(names, d.Name)
		require.Equal(t, cmp.Or(kinds[d.Name], optimize.DeviceGPU), d.Kind)
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

	var events []quintet.Event
	rt, err := optimize.New(optimize.Options{Backend: b, Observer: quintet.ObserverFunc(func(e quintet.Event) {
		events = append(events, e)
	})})
	require.NoError(t, err)
	s, err = rt.Session(context.Background(), m, optimize.SessionOptions{})
	require.NoError(t, err)
	require.Len(t, events, 2)
	require.Equal(t, "Load", events[0].Op)
	require.NoError(t, events[0].Err)
	require.Equal(t, "Fallback", events[1].Op)
	require.ErrorContains(t, events[1].Err, "cuda:7: ")
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
