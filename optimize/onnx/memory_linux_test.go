//go:build cgo && !race

package onnx_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

// resident is the memory of this process in KiB. What Go could give back is given
// back first: it says nothing about ONNX Runtime.
func resident(t *testing.T) (kib int) {
	t.Helper()
	debug.FreeOSMemory()
	data, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	_, tail, ok := strings.Cut(string(data), "VmRSS:")
	require.True(t, ok)
	_, err = fmt.Sscan(tail, &kib)
	require.NoError(t, err)
	return kib
}

// The race detector's shadow memory grows by itself, so this runs without it.
func TestAllocatedMemoryStaysFlat(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2)) // each thread that loads has an arena of C
	b := open(t, onnx.Options{Devices: []string{"cpu"}})
	rt, err := optimize.New(optimize.Options{Backend: b})
	require.NoError(t, err)
	data := testmodel.Encoder(testmodel.EncoderOptions{Layers: 1, Hidden: 192, Inner: 768, Vocab: 2000}).Append(nil)
	var inputs []optimize.Tensor
	for range 3 {
		inputs = append(inputs, tensor(t, make([]int64, 4*32), 4, 32))
	}
	const cycles, warm, samples = 200, 30, 20
	var first, last []int
	for i := range cycles {
		s, err := rt.Session(context.Background(), optimize.ModelBytes(data), optimize.SessionOptions{})
		require.NoError(t, err)
		_, err = s.Run(context.Background(), inputs)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		switch {
		case warm <= i && i < warm+samples:
			first = append(first, resident(t))
		case cycles-samples <= i:
			last = append(last, resident(t))
		}
	}
	before, after := slices.Min(first), slices.Min(last) // more is what the allocators have at hand
	t.Logf("a model of %d KiB: %d KiB resident after %d cycles, %d after %d", len(data)>>10, before, warm, after, cycles)
	require.Less(t, float64(after), 1.1*float64(before))
}
