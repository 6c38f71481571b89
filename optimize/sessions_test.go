package optimize_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// adder is a backend whose models add their byte to every element. A model takes
// as many bytes as its file's length times weight.
type adder struct {
	weight int64 // 0: sessions do not know what they take
	name   string
	gate   chan struct{} // if set, each load takes one
	hold   chan struct{} // if set, each run takes one
	refuse error

	loads, open, most atomic.Int64
	bytes, mostBytes  atomic.Int64
}

func (b *adder) Name() string { return b.name }

func (b *adder) Devices() []optimize.Device {
	return []optimize.Device{{Name: b.name + ":0", Backend: b.name, Available: b.refuse == nil}}
}

func (b *adder) Close() error { return nil }

func (b *adder) Load(ctx context.Context, m optimize.Model, o optimize.SessionOptions) (optimize.Session, error) {
	b.loads.Add(1)
	if b.gate != nil {
		select {
		case <-b.gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if b.refuse != nil {
		return nil, b.refuse
	}
	data, err := m.Bytes()
	if err != nil {
		return nil, err
	}
	s := &adding{backend: b, by: float32(data[0]), size: int64(len(data)) * b.weight}
	raise(&b.most, b.open.Add(1))
	raise(&b.mostBytes, b.bytes.Add(s.size))
	if b.weight == 0 {
		return struct{ optimize.Session }{s}, nil
	}
	return s, nil
}

func raise(most *atomic.Int64, n int64) {
	for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
	}
}

type adding struct {
	backend *adder
	by      float32
	size    int64
	running atomic.Int64
	closed  atomic.Bool
}

func (s *adding) Inputs() []optimize.TensorInfo {
	return []optimize.TensorInfo{{Name: "x", DType: optimize.Float32, Shape: []int{-1}}}
}

func (s *adding) Outputs() []optimize.TensorInfo { return s.Inputs() }
func (s *adding) Device() string                 { return s.backend.name + ":0" }
func (s *adding) Bytes() int64                   { return s.size }

func (s *adding) Run(ctx context.Context, inputs []optimize.Tensor) ([]optimize.Tensor, error) {
	s.running.Add(1)
	defer s.running.Add(-1)
	if s.closed.Load() {
		return nil, errors.New("used after it was freed")
	}
	if s.backend.hold != nil {
		select {
		case <-s.backend.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	x, err := optimize.Data[float32](inputs[0])
	if err != nil {
		return nil, err
	}
	y := make([]float32, len(x))
	for i := range x {
		y[i] = x[i] + s.by
	}
	out, err := optimize.NewTensor(y, len(y))
	return []optimize.Tensor{out}, err
}

func (s *adding) Close() error {
	if s.running.Load() > 0 {
		return errors.New("freed while it runs")
	}
	if !s.closed.Swap(true) {
		s.backend.open.Add(-1)
		s.backend.bytes.Add(-s.size)
	}
	return nil
}

// model returns a model of ten bytes that adds by.
func model(by byte) optimize.Model {
	return optimize.ModelBytes(append([]byte{by}, make([]byte, 9)...))
}

func runOn(t testing.TB, ctx context.Context, s optimize.Session, x float32) (float32, error) {
	t.Helper()
	in, err := optimize.NewTensor([]float32{x}, 1)
	require.NoError(t, err)
	out, err := s.Run(ctx, []optimize.Tensor{in})
	if err != nil {
		return 0, err
	}
	y, err := optimize.Data[float32](out[0])
	require.NoError(t, err)
	return y[0], nil
}

func requireAdds(t testing.TB, s optimize.Session, by float32) {
	t.Helper()
	y, err := runOn(t, t.Context(), s, 1)
	require.NoError(t, err)
	require.Equal(t, 1+by, y)
}

func open(t testing.TB, rt *optimize.Runtime, by byte) optimize.Session {
	t.Helper()
	s, err := rt.Session(t.Context(), model(by), optimize.SessionOptions{})
	require.NoError(t, err)
	return s
}

func TestSessionsOfOneModelAreShared(t *testing.T) {
	b := &adder{name: "adder", weight: 3}
	rt := runtimeWith(t, optimize.Options{Backend: b})
	s, again, other := open(t, rt, 7), open(t, rt, 7), open(t, rt, 8)
	threads, err := rt.Session(t.Context(), model(7), optimize.SessionOptions{Threads: 2})
	require.NoError(t, err)
	requireAdds(t, s, 7)
	requireAdds(t, again, 7)
	requireAdds(t, other, 8)
	require.Equal(t, "adder:0", s.Device())
	require.Equal(t, "x", s.Inputs()[0].Name)
	require.Equal(t, "x", s.Outputs()[0].Name)
	require.Equal(t, optimize.SessionStats{
		Sessions: 3, Loaded: 3, References: 4, Bytes: 90, Hits: 4, Loads: 3,
	}, rt.SessionStats())

	require.NoError(t, s.Close())
	require.NoError(t, s.Close(), "closing twice is harmless")
	_, err = runOn(t, t.Context(), s, 1)
	require.ErrorIs(t, err, quintet.ErrClosed)
	requireAdds(t, again, 7)
	require.NoError(t, again.Close())
	require.NoError(t, threads.Close())
	require.EqualValues(t, 1, b.open.Load(), "the last reference frees the model")
	require.NoError(t, rt.Close())
	require.NoError(t, rt.Close())
	require.Zero(t, b.open.Load())
	_, err = runOn(t, t.Context(), other, 1)
	require.ErrorIs(t, err, quintet.ErrClosed)
	_, err = rt.Session(t.Context(), model(7), optimize.SessionOptions{})
	require.ErrorIs(t, err, quintet.ErrClosed)
	require.NoError(t, other.Close())
	require.Zero(t, rt.SessionStats().Sessions)
}

func TestConcurrentCallersShareALoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &adder{name: "adder", weight: 1, gate: make(chan struct{})}
		rt := runtimeWith(t, optimize.Options{Backend: b})
		impatient, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 10)
		for i := range 10 {
			ctx := t.Context()
			if i == 0 {
				ctx = impatient
			}
			go func() {
				_, err := rt.Session(ctx, model(1), optimize.SessionOptions{})
				errs <- err
			}()
			synctest.Wait()
		}
		cancel()
		require.ErrorIs(t, <-errs, context.Canceled, "its end frees the first caller only")
		b.gate <- struct{}{}
		for range 9 {
			require.NoError(t, <-errs)
		}
		require.EqualValues(t, 1, b.loads.Load())
		require.NoError(t, rt.Close())
	})
}

func TestALoadThatNobodyWantsIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &adder{name: "adder", weight: 1, gate: make(chan struct{})}
		rt := runtimeWith(t, optimize.Options{Backend: b})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := rt.Session(ctx, model(1), optimize.SessionOptions{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		require.Equal(t, optimize.SessionStats{Loads: 1, LoadErrors: 1}, rt.SessionStats())
		close(b.gate)
		requireAdds(t, open(t, rt, 1), 1)
		require.NoError(t, rt.Close())
	})
}

func TestAFailedLoadIsNotRemembered(t *testing.T) {
	b := &adder{name: "adder", weight: 1, refuse: fmt.Errorf("damaged: %w", quintet.ErrModel)}
	rt := runtimeWith(t, optimize.Options{Backend: b})
	_, err := rt.Session(t.Context(), model(1), optimize.SessionOptions{})
	require.EqualError(t, err, "optimize: damaged: model cannot be used")
	require.ErrorIs(t, err, quintet.ErrModel)
	b.refuse = nil
	requireAdds(t, open(t, rt, 1), 1)
	require.EqualValues(t, 2, b.loads.Load())
}

func TestSessionErrors(t *testing.T) {
	_, err := optimize.Default().Session(t.Context(), optimize.ModelBytes([]byte("no model")), optimize.SessionOptions{})
	require.ErrorIs(t, err, quintet.ErrModel)
	rt := runtimeWith(t, optimize.Options{Backend: &adder{name: "adder", weight: 20}, MemoryBudget: 100})
	_, err = rt.Session(t.Context(), optimize.Model{}, optimize.SessionOptions{})
	require.ErrorIs(t, err, quintet.ErrModel)
	_, err = rt.Session(t.Context(), model(1), optimize.SessionOptions{})
	require.ErrorIs(t, err, quintet.ErrOption)
	require.EqualError(t, err, "optimize: the model needs at least 200 bytes, MemoryBudget is 100: invalid option")
	_, err = rt.Session(t.Context(), optimize.ModelBytes(make([]byte, 101)), optimize.SessionOptions{})
	require.EqualError(t, err, "optimize: the model needs at least 101 bytes, MemoryBudget is 100: invalid option")
	require.Zero(t, rt.SessionStats().Bytes)
	for _, o := range []optimize.Options{{MemoryBudget: -1}, {IdleUnload: -1}} {
		_, err := optimize.New(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func TestABudgetUnloadsTheLeastRecentlyUsed(t *testing.T) {
	for name, weight := range map[string]int64{"measured": 2, "from the file's size": 0} {
		t.Run(name, func(t *testing.T) {
			b := &adder{name: "adder", weight: weight}
			rt := runtimeWith(t, optimize.Options{Backend: b, MemoryBudget: 45}) // two models of 20
			one, two := open(t, rt, 1), open(t, rt, 2)
			requireAdds(t, one, 1)
			three := open(t, rt, 3) // two has to go
			require.EqualValues(t, 3, b.loads.Load())
			requireAdds(t, one, 1)
			require.EqualValues(t, 3, b.loads.Load())
			requireAdds(t, two, 2) // comes back, three has to go
			require.EqualValues(t, 4, b.loads.Load())
			requireAdds(t, three, 3)
			require.EqualValues(t, 2, b.most.Load())
			require.Equal(t, optimize.SessionStats{
				Sessions: 3, Loaded: 2, References: 3, Bytes: 40, Hits: 2, Loads: 5, Unloads: 3,
			}, rt.SessionStats())
			require.Equal(t, "x", one.Inputs()[0].Name, "an unloaded model is still described")
			require.NoError(t, rt.Close())
			require.Zero(t, b.open.Load())
		})
	}
}

func TestARunningModelIsNeverUnloaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &adder{name: "adder", weight: 2, hold: make(chan struct{})}
		rt := runtimeWith(t, optimize.Options{Backend: b, MemoryBudget: 20}) // one model
		one := open(t, rt, 1)
		ran := make(chan error, 2)
		go func() { _, err := runOn(t, t.Context(), one, 0); ran <- err }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := rt.Session(ctx, model(2), optimize.SessionOptions{})
		require.ErrorIs(t, err, context.DeadlineExceeded, "there is no room while one runs")
		synctest.Wait()
		require.EqualValues(t, 1, rt.SessionStats().Waits)

		loaded := make(chan optimize.Session)
		go func() { loaded <- open(t, rt, 2) }()
		synctest.Wait()
		go func() { _, err := runOn(t, t.Context(), one, 0); ran <- err }() // must not keep the other out
		synctest.Wait()
		b.hold <- struct{}{}
		require.NoError(t, <-ran)
		two := <-loaded
		b.hold <- struct{}{}
		require.NoError(t, <-ran)
		close(b.hold)
		requireAdds(t, two, 2)
		require.EqualValues(t, 1, b.most.Load())
		require.NoError(t, rt.Close())
	})
}

func TestIdleModelsAreUnloaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &adder{name: "adder", weight: 1}
		rt := runtimeWith(t, optimize.Options{Backend: b, IdleUnload: time.Minute})
		one, two := open(t, rt, 1), open(t, rt, 2)
		time.Sleep(40 * time.Second)
		requireAdds(t, one, 1)
		time.Sleep(30 * time.Second)
		require.EqualValues(t, 1, b.open.Load(), "two was idle for a minute")
		time.Sleep(40 * time.Second)
		require.Zero(t, b.open.Load())
		requireAdds(t, two, 2)
		require.NoError(t, two.Close())
		require.EqualValues(t, 1, b.open.Load(), "kept for the next one who wants it")
		time.Sleep(2 * time.Minute)
		require.Zero(t, b.open.Load())
		require.Equal(t, 1, rt.SessionStats().Sessions, "nobody refers to two")
		require.NoError(t, one.Close())
	}) // ends only if no timer or goroutine is left
}

func TestEveryLoadIsWarmedUp(t *testing.T) {
	b := &adder{name: "adder", weight: 1}
	rt := runtimeWith(t, optimize.Options{Backend: b, MemoryBudget: 10})
	var samples atomic.Int64
	fail := errors.New("no sample")
	sample := func(infos []optimize.TensorInfo) ([]optimize.Tensor, error) {
		if samples.Add(1); fail != nil {
			return nil, fail
		}
		x, err := optimize.Zeros[float32](len(infos))
		return []optimize.Tensor{x}, err
	}
	_, err := rt.WarmSession(t.Context(), model(1), optimize.SessionOptions{}, sample)
	require.EqualError(t, err, "optimize: warm-up: no sample")
	require.Zero(t, b.open.Load(), "a session that fails its first run is closed")
	fail = nil
	s, err := rt.WarmSession(t.Context(), model(1), optimize.SessionOptions{}, sample)
	require.NoError(t, err)
	open(t, rt, 2)
	requireAdds(t, s, 1)
	require.EqualValues(t, 3, samples.Load())
	require.NoError(t, rt.Close())
}

type panicBackend struct{ *adder }

func (panicBackend) Load(context.Context, optimize.Model, optimize.SessionOptions) (optimize.Session, error) {
	panic("bug")
}

func TestAPanicOfABackendIsAnError(t *testing.T) {
	rt := runtimeWith(t, optimize.Options{Backend: panicBackend{&adder{}}})
	_, err := rt.Session(t.Context(), model(1), optimize.SessionOptions{})
	var panicked *optimize.PanicError
	require.ErrorAs(t, err, &panicked)
}

func TestCloseWaitsForARun(t *testing.T) {
	for name, end := range map[string]func(*optimize.Runtime, optimize.Session) error{
		"of the session": func(_ *optimize.Runtime, s optimize.Session) error { return s.Close() },
		"of the runtime": func(rt *optimize.Runtime, _ optimize.Session) error { return rt.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &adder{name: "adder", weight: 1, hold: make(chan struct{})}
				rt := runtimeWith(t, optimize.Options{Backend: b})
				s := open(t, rt, 1)
				ran, ended := make(chan error, 1), make(chan error, 1)
				go func() { _, err := runOn(t, t.Context(), s, 0); ran <- err }()
				synctest.Wait()
				go func() { ended <- end(rt, s) }()
				synctest.Wait()
				require.Empty(t, ended)
				_, err := runOn(t, t.Context(), s, 0)
				require.ErrorIs(t, err, quintet.ErrClosed)
				b.hold <- struct{}{}
				require.NoError(t, <-ran)
				require.NoError(t, <-ended)
				require.Zero(t, b.open.Load())
			})
		})
	}
}

func TestRuntimeCloseEndsLoads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &adder{name: "adder", weight: 1, gate: make(chan struct{})}
		rt := runtimeWith(t, optimize.Options{Backend: b})
		failed := make(chan error)
		go func() {
			_, err := rt.Session(t.Context(), model(1), optimize.SessionOptions{})
			failed <- err
		}()
		synctest.Wait()
		require.NoError(t, rt.Close())
		require.ErrorIs(t, <-failed, quintet.ErrClosed)
	})
}

func TestManyCallersOfMoreModelsThanThereIsRoomFor(t *testing.T) {
	before := runtime.NumGoroutine()
	b := &adder{name: "adder", weight: 2}
	rt := runtimeWith(t, optimize.Options{Backend: b, MemoryBudget: 60, IdleUnload: 200 * time.Microsecond})
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			for i := range 60 {
				by := byte((g + i) % 6)
				ctx, cancel := context.WithCancel(t.Context())
				if i%10 == 0 {
					ctx, cancel = context.WithTimeout(ctx, time.Microsecond)
				}
				s, err := rt.Session(ctx, model(by), optimize.SessionOptions{})
				if err != nil {
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("Session: %v", err)
					}
					cancel()
					continue
				}
				for range 5 {
					y, err := runOn(t, ctx, s, 1)
					if err == nil && y != 1+float32(by) || err != nil && !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("Run: %v, %v", y, err)
					}
				}
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, b.mostBytes.Load(), int64(60), "the budget was never exceeded")
	require.Zero(t, rt.SessionStats().Running)
	require.Zero(t, rt.SessionStats().References)
	require.NoError(t, rt.Close())
	require.Zero(t, b.open.Load())
	require.Zero(t, rt.SessionStats().Bytes)
	require.Zero(t, rt.SessionStats().Sessions)
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		require.True(t, time.Now().Before(deadline), "a goroutine is left")
	}
}

func TestPreferTakesTheFirstThatCan(t *testing.T) {
	fast := &adder{name: "fast", weight: 4, refuse: fmt.Errorf("no GPU: %w", quintet.ErrUnsupported)}
	sure := &adder{name: "sure", weight: 4}
	p := optimize.Prefer(fast, sure)
	rt := runtimeWith(t, optimize.Options{Backend: p})
	require.Equal(t, "fast,sure", p.Name())
	var names []string
	for _, d := range rt.Devices() {
		names = append(names, d.Name)
	}
	require.Equal(t, []string{"fast:0", "sure:0", "cpu"}, names)

	s := open(t, rt, 1)
	requireAdds(t, s, 1)
	require.Equal(t, "sure:0", s.Device())
	require.EqualValues(t, 40, rt.SessionStats().Bytes, "what a second choice takes is known too")
	reason := s.(interface{ Reason() error }).Reason()
	require.EqualError(t, reason, "fast: no GPU: not supported here")

	fast.refuse = nil
	s = open(t, rt, 2)
	require.Equal(t, "fast:0", s.Device())
	require.NoError(t, s.(interface{ Reason() error }).Reason())

	fast.refuse, sure.refuse = fmt.Errorf("no GPU: %w", quintet.ErrUnsupported), quintet.ErrModel
	_, err := rt.Session(t.Context(), model(3), optimize.SessionOptions{})
	require.EqualError(t, err, "optimize: fast: no GPU: not supported here; sure: model cannot be used")
	require.ErrorIs(t, err, quintet.ErrUnsupported)
	require.NotErrorIs(t, err, quintet.ErrModel, "the cause is that of the first")
	require.NoError(t, rt.Close())
	require.NoError(t, p.Close())
	_, err = optimize.Prefer().Load(t.Context(), model(1), optimize.SessionOptions{})
	require.ErrorIs(t, err, quintet.ErrUnsupported)
	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = p.Load(done, model(1), optimize.SessionOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

func BenchmarkSession(b *testing.B) {
	for name, idle := range map[string]time.Duration{"": 0, "+idle": time.Minute} {
		rt := runtimeWith(b, optimize.Options{Backend: &adder{name: "adder", weight: 1}, IdleUnload: idle})
		shared := open(b, rt, 1)
		raw, err := (&adder{name: "raw", weight: 1}).Load(b.Context(), model(1), optimize.SessionOptions{})
		require.NoError(b, err)
		x, err := optimize.Zeros[float32](1)
		require.NoError(b, err)
		for kind, s := range map[string]optimize.Session{"shared": shared, "raw": raw} {
			b.Run("session="+kind+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, _ = s.Run(b.Context(), []optimize.Tensor{x})
				}
			})
		}
		require.NoError(b, rt.Close())
	}
}

func TestAModelThatTakesMoreThanItsFilePromised(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &adder{name: "adder", weight: 4, hold: make(chan struct{}, 1)}
		rt := runtimeWith(t, optimize.Options{Backend: b, MemoryBudget: 70})
		one := open(t, rt, 1)
		two := open(t, rt, 2) // expected to take 20, takes 40
		require.EqualValues(t, 40, rt.SessionStats().Bytes, "the idle one had to go")
		b.hold <- struct{}{}
		requireAdds(t, one, 1) // its size is known: two goes first
		require.EqualValues(t, 40, rt.SessionStats().Bytes)

		ran := make(chan error, 1)
		go func() { _, err := runOn(t, t.Context(), one, 0); ran <- err }()
		synctest.Wait()
		three := open(t, rt, 3)
		require.EqualValues(t, 40, rt.SessionStats().Bytes, "whoever rests first makes room for the one that runs")
		b.hold <- struct{}{}
		require.NoError(t, <-ran)
		b.hold <- struct{}{}
		requireAdds(t, three, 3)
		b.hold <- struct{}{}
		requireAdds(t, two, 2)
		require.EqualValues(t, 40, rt.SessionStats().Bytes)
		require.NoError(t, rt.Close())
	})
}

func TestWeightsBesideTheFileCount(t *testing.T) {
	dir := write(t, map[string]string{"model.onnx": "abc", "model.onnx_data": "0123456789"})
	m, err := optimize.OpenModel(dir)
	require.NoError(t, err)
	rt := runtimeWith(t, optimize.Options{Backend: &adder{name: "adder"}, MemoryBudget: 12})
	_, err = rt.Session(t.Context(), m, optimize.SessionOptions{})
	require.EqualError(t, err, "optimize: the model needs at least 13 bytes, MemoryBudget is 12: invalid option")
}
