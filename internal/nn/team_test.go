package nn_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/nn"
	"github.com/quintet-ai/quintet/internal/nn/tensor"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
)

func TestATeamDoesEveryPartOnce(t *testing.T) {
	team, end := nn.NewTeam(4)
	defer end()
	require.LessOrEqual(t, team.Size(), 4)
	for parts := range 60 {
		for range 5 {
			done := make([]atomic.Int32, parts)
			inUse := make([]atomic.Int32, team.Size())
			team.Do(parts, func(part, worker int) {
				if inUse[worker].Add(1) != 1 {
					panic("two parts have one worker")
				}
				done[part].Add(1)
				inUse[worker].Add(-1)
			})
			for i := range done {
				require.EqualValues(t, 1, done[i].Load())
			}
		}
	}
}

func TestAPanicInAPartReachesTheCaller(t *testing.T) {
	team, end := nn.NewTeam(3)
	defer end()
	bad := errors.New("bad part")
	for which := range 12 {
		var done atomic.Int32
		require.PanicsWithError(t, "bad part", func() {
			team.Do(12, func(part, _ int) {
				done.Add(1)
				if part == which {
					panic(bad)
				}
			})
		})
		require.EqualValues(t, 12, done.Load(), "the other parts are done all the same")
	}
	var done atomic.Int32
	team.Do(12, func(int, int) { done.Add(1) })
	require.EqualValues(t, 12, done.Load(), "the team still works")
}

// TestCallsThatOverlap uses a team from several goroutines; those that find it busy
// work alone.
func TestCallsThatOverlap(t *testing.T) {
	team, end := nn.NewTeam(4)
	var calls sync.WaitGroup
	var sum atomic.Int64
	for range 8 {
		calls.Go(func() {
			for range 200 {
				team.Do(10, func(part, _ int) { sum.Add(int64(part)) })
			}
		})
	}
	calls.Wait()
	require.EqualValues(t, 8*200*45, sum.Load())
	end()
	end()
	team.Do(10, func(part, _ int) { sum.Add(int64(part)) })
	require.EqualValues(t, 8*200*45+45, sum.Load(), "a closed team leaves the work to the caller")
}

// leftover counts the goroutines that are there now beyond a number, once those that
// are ending have had their turn.
func leftover(before int) int {
	for range 10_000 {
		if runtime.NumGoroutine() <= before {
			return 0
		}
		runtime.Gosched()
	}
	return runtime.NumGoroutine() - before
}

func TestNoGoroutineIsLeftAfterClose(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		team, end := nn.NewTeam(4)
		end() // before the first task
		team.Do(4, func(int, int) {})
		team, end = nn.NewTeam(4)
		team.Do(4, func(int, int) {})
		end()
	}
	m, in := steady["an encoder"]()
	for range 5 {
		p, err := nn.Load(m, nn.Options{Threads: 4})
		require.NoError(t, err)
		_, err = p.Run(context.Background(), in)
		require.NoError(t, err)
		p.Close()
		p.Close()
	}
	require.Zero(t, leftover(before))
}

// threaded are models whose operators are large enough to be split.
func threaded() map[string]struct {
	model *onnxpb.Model
	in    []*tensor.Tensor
} {
	ids := tensor.From(make([]int64, 2*60), 2, 60)
	for i := range ids.Len() {
		tensor.Of[int64](ids)[i] = int64(i % 50)
	}
	ones := ids.Clone()
	for i := range ones.Len() {
		tensor.Of[int64](ones)[i] = 1
	}
	encoder := testmodel.Encoder(testmodel.EncoderOptions{Layers: 1, Hidden: 128, Heads: 4, Inner: 512, Vocab: 50, Positions: 64})
	long := tensor.From(make([]int64, 200), 1, 200)
	for i := range long.Len() {
		tensor.Of[int64](long)[i] = int64(i % 50)
	}
	reader := testmodel.Encoder(testmodel.EncoderOptions{Layers: 1, Hidden: 128, Heads: 4, Inner: 512, Vocab: 50, Positions: 200})
	net := testmodel.ResNet18(testmodel.PictureOptions{Thin: 8, Size: 64, Classes: 10})
	return map[string]struct {
		model *onnxpb.Model
		in    []*tensor.Tensor
	}{
		"an encoder": {encoder, []*tensor.Tensor{ids, ones, tensor.From(make([]int64, 2*60), 2, 60)}},
		"a long text": {reader, []*tensor.Tensor{long, tensor.From(slices.Repeat([]int64{1}, 200), 1, 200),
			tensor.From(make([]int64, 200), 1, 200)}},
		"a network": {net, feedFor(3, [][]int{{1, 3, 64, 64}})},
	}
}

// TestThreadsDoNotChangeTheNumbers requires the same bits whatever the threads, even if they
// are more than heads.
func TestThreadsDoNotChangeTheNumbers(t *testing.T) {
	for name, tt := range threaded() {
		t.Run(name, func(t *testing.T) {
			var want []*tensor.Tensor
			for _, threads := range []int{1, 2, 4, 7} {
				p, err := nn.Load(tt.model, nn.Options{Threads: threads})
				require.NoError(t, err)
				defer p.Close()
				for range 3 {
					got, err := p.Run(context.Background(), tt.in)
					require.NoError(t, err)
					if want == nil {
						want = got
					}
					for i := range want {
						require.Equal(t, want[i].Data, got[i].Data, "%d threads, output %d", threads, i)
					}
				}
			}
		})
	}
}

// TestAThousandRunsAtOnce shares one program with threads among many runs of
// different shapes, some of which end early.
func TestAThousandRunsAtOnce(t *testing.T) {
	m, _ := steady["a perceptron"]()
	p, err := nn.Load(m, nn.Options{Threads: 2})
	require.NoError(t, err)
	defer p.Close()
	var want [7][]*tensor.Tensor
	for i := range want {
		want[i], err = p.Run(context.Background(), feedFor(uint64(i), [][]int{{1 + i, 4}}))
		require.NoError(t, err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	var runs sync.WaitGroup
	for i := range 1000 {
		runs.Go(func() {
			in := feedFor(uint64(i%7), [][]int{{1 + i%7, 4}})
			if i%50 == 0 {
				if _, err := p.Run(ended, in); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				return
			}
			got, err := p.Run(context.Background(), in)
			if err == nil {
				err = sameOutputs(got, want[i%7])
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
	require.Less(t, p.Bytes(), int64(1<<20))
}

func TestInputsThatDoNotFit(t *testing.T) {
	b := onnxpb.NewBuilder("inputs")
	x := b.Input("x", onnxpb.Float, onnxpb.FreeDim("n"), onnxpb.FixedDim(3))
	y := b.Input("y", onnxpb.Float, onnxpb.FreeDim("n"), onnxpb.FixedDim(1))
	b.Output(b.Op("Add", x, y), onnxpb.Float)
	p, err := nn.Load(b.Model(17), nn.Options{})
	require.NoError(t, err)
	good, side := tensor.From(make([]float32, 6), 2, 3), tensor.From(make([]float32, 2), 2, 1)
	tests := map[string][]*tensor.Tensor{
		"none":                   nil,
		"one too few":            {good},
		"one too many":           {good, side, side},
		"a nil one":              {good, nil},
		"another type":           {tensor.From(make([]int32, 6), 2, 3), side},
		"another rank":           {tensor.From(make([]float32, 6), 6), side},
		"another size":           {tensor.From(make([]float32, 4), 2, 2), side},
		"too few bytes":          {{Type: onnxpb.Float, Shape: []int{2, 3}, Data: make([]byte, 20)}, side},
		"a negative dimension":   {{Type: onnxpb.Float, Shape: []int{-2, 3}, Data: make([]byte, 24)}, side},
		"2^31 elements":          {{Type: onnxpb.Float, Shape: []int{1 << 30, 3}, Data: make([]byte, 24)}, side},
		"a type without numbers": {{Type: onnxpb.String, Shape: []int{2, 3}}, side},
	}
	for name, in := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := p.Run(context.Background(), in)
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
	out, err := p.Run(context.Background(), []*tensor.Tensor{tensor.From([]float32{}, 0, 3), tensor.From([]float32{}, 0, 1)})
	require.NoError(t, err)
	require.Equal(t, []int{0, 3}, out[0].Shape)
}
