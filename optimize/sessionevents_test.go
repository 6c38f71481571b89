package optimize_test

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
)

// diary writes events down, without their times.
type diary struct {
	mu    sync.Mutex
	lines []string
	whole []quintet.Event
}

func (d *diary) Observe(e quintet.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.whole = append(d.whole, e)
	d.lines = append(d.lines, fmt.Sprintf("%s.%s %d %v", e.Pipeline, e.Op, e.Items, e.Err))
}

// read returns the lines since the last call.
func (d *diary) read() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := d.lines
	d.lines = nil
	return lines
}

func TestLoadsAndUnloadsAreReported(t *testing.T) {
	d := &diary{}
	b := &adder{name: "adder", weight: 1}
	rt := runtimeWith(t, optimize.Options{Backend: b, MemoryBudget: 15, Observer: d})
	s := open(t, rt, 1)
	require.Equal(t, []string{"session.Load 1 <nil>"}, d.read())
	other := open(t, rt, 2)
	require.Equal(t, []string{"session.Unload 1 <nil>", "session.Load 1 <nil>"}, d.read(), "there is room for one")
	require.NoError(t, s.Close())
	requireAdds(t, other, 2)
	require.Empty(t, d.read(), "a run of a session is no event")
	require.NoError(t, other.Close())
	require.Equal(t, []string{"session.Unload 1 <nil>"}, d.read())

	b.refuse = errors.New("no")
	_, err := rt.Session(t.Context(), model(3), optimize.SessionOptions{})
	require.ErrorIs(t, err, b.refuse)
	require.Equal(t, []string{"session.Load 1 no"}, d.read())
}

func TestLoadsTellHowLongTheyTookAndWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		b := &adder{name: "adder", weight: 1, gate: make(chan struct{}), hold: make(chan struct{})}
		rt := runtimeWith(t, optimize.Options{Backend: b, MemoryBudget: 15, Observer: d})
		let := func(gate chan struct{}, after time.Duration) {
			go func() {
				time.Sleep(after) // of the bubble's clock
				gate <- struct{}{}
			}()
		}
		let(b.gate, time.Second)
		s := open(t, rt, 1)
		let(b.hold, 2*time.Second)
		go requireAdds(t, s, 1)
		synctest.Wait()
		let(b.gate, 5*time.Second)
		other := open(t, rt, 2)
		require.Len(t, d.whole, 3)
		require.Equal(t, time.Second, d.whole[0].Took)
		require.Zero(t, d.whole[0].Queued)
		require.Equal(t, "Load", d.whole[2].Op)
		require.Equal(t, 5*time.Second, d.whole[2].Took)
		require.Equal(t, 2*time.Second, d.whole[2].Queued, "until the first model had run")
		require.NoError(t, s.Close())
		require.NoError(t, other.Close())
	})
}

func TestAFallbackIsReportedOnce(t *testing.T) {
	d := &diary{}
	gpu := &adder{name: "gpu", weight: 1, refuse: errors.New("no such device")}
	b := optimize.Prefer(gpu, &adder{name: "cpu", weight: 1})
	rt := runtimeWith(t, optimize.Options{Backend: b, MemoryBudget: 15, Observer: d})
	s, other := open(t, rt, 1), open(t, rt, 2)
	require.Equal(t, []string{
		"session.Load 1 <nil>", "session.Fallback 1 gpu: no such device", "session.Unload 1 <nil>",
		"session.Load 1 <nil>", "session.Fallback 1 gpu: no such device",
	}, d.read(), "of each model")
	requireAdds(t, s, 1)
	require.Equal(t, []string{"session.Unload 1 <nil>", "session.Load 1 <nil>"}, d.read(), "the same reason")
	gpu.refuse = errors.New("busy")
	requireAdds(t, other, 2)
	require.Equal(t, []string{"session.Unload 1 <nil>", "session.Load 1 <nil>", "session.Fallback 1 gpu: busy"}, d.read())
	gpu.refuse = nil
	requireAdds(t, s, 1)
	require.Equal(t, []string{"session.Unload 1 <nil>", "session.Load 1 <nil>"}, d.read(), "the first choice")
	require.NoError(t, s.Close())
	require.NoError(t, other.Close())
}

// counting counts how often each file is opened.
type counting struct {
	fstest.MapFS
	opened map[string]int
}

func (c counting) Open(name string) (fs.File, error) {
	c.opened[name]++
	return c.MapFS.Open(name)
}

// ReadFile hides that of MapFS, which opens nothing.
func (c counting) ReadFile(name string) ([]byte, error) {
	c.opened[name]++
	return c.MapFS.ReadFile(name)
}

func TestALoadReadsTheFileOnce(t *testing.T) {
	files := counting{fstest.MapFS{"model.onnx": {Data: append([]byte{7}, make([]byte, 9)...)}}, map[string]int{}}
	rt := runtimeWith(t, optimize.Options{Backend: &adder{name: "adder", weight: 1}})
	m, err := optimize.ModelFS(files, "")
	require.NoError(t, err)
	clear(files.opened)
	s, err := rt.Session(t.Context(), m, optimize.SessionOptions{})
	require.NoError(t, err)
	requireAdds(t, s, 7)
	again, err := rt.Session(t.Context(), m, optimize.SessionOptions{})
	require.NoError(t, err)
	require.Equal(t, map[string]int{"model.onnx": 1}, files.opened, "for digest and load")
	require.NoError(t, s.Close())
	require.NoError(t, again.Close())
}

// Models of the same architecture differ only in files that no digest covers.
func TestModelsWithWeightsElsewhereAreSharedByPlace(t *testing.T) {
	b := onnxpb.NewBuilder("outside")
	w := b.Weight(&onnxpb.Tensor{Name: "w", DataType: onnxpb.Float, Dims: []int64{1}, Location: onnxpb.Outside,
		External: []onnxpb.Entry{{Key: "location", Value: "model.onnx_data"}}})
	b.Rename(b.Op("Add", b.Input("x", onnxpb.Float, onnxpb.FixedDim(1)), w), "y")
	b.Output("y", onnxpb.Float, onnxpb.FixedDim(1))
	file := string(b.Model(17).Append(nil))
	one := write(t, map[string]string{"model.onnx": file, "model.onnx_data": "one!"})
	two := write(t, map[string]string{"model.onnx": file, "model.onnx_data": "two!"})
	inMemory := fstest.MapFS{"model.onnx": {Data: []byte(file)}, "model.onnx_data": {Data: []byte("any!")}}

	rt := runtimeWith(t, optimize.Options{Backend: &adder{name: "adder", weight: 1}})
	hold := func(m optimize.Model, err error, loaded int) {
		t.Helper()
		require.NoError(t, err)
		s, err := rt.Session(t.Context(), m, optimize.SessionOptions{})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		require.Equal(t, loaded, rt.SessionStats().Loaded)
	}
	for _, dir := range []string{one, one + "/."} {
		m, err := optimize.OpenModel(dir)
		hold(m, err, 1)
	}
	m, err := optimize.OpenModel(two)
	hold(m, err, 2)
	m, err = optimize.ModelFS(inMemory, "")
	hold(m, err, 3)
	hold(m, err, 3)
}
