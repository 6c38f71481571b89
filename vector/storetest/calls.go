package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// calls are all methods that can fail, by name.
func calls[K vector.Key](st vector.Store[K]) map[string]func(context.Context) error {
	v := []float32{1}
	out := map[string]func(context.Context) error{
		"Upsert": func(ctx context.Context) error { return st.Upsert(ctx, vector.Item[K]{ID: key[K](9), Vector: v}) },
		"Delete": func(ctx context.Context) error { _, err := st.Delete(ctx, key[K](1)); return err },
		"Get":    func(ctx context.Context) error { _, _, err := st.Get(ctx, key[K](1)); return err },
		"Search": func(ctx context.Context) error { _, err := st.Search(ctx, vector.Query{Vector: v}); return err },
		"SearchBatch": func(ctx context.Context) error {
			out, err := st.SearchBatch(ctx, []vector.Query{{Vector: v}, {Vector: v}})
			if len(out) != 2 || len(out[0]) > 0 || len(out[1]) > 0 {
				return fmt.Errorf("hits %v beside %w", out, err)
			}
			return err
		},
		"Stats": func(ctx context.Context) error { _, err := st.Stats(ctx); return err },
	}
	if l, ok := st.(lister[K]); ok {
		out["All"] = func(ctx context.Context) (last error) {
			for _, err := range l.All(ctx) {
				last = err
			}
			return last
		}
	}
	return out
}

func (s suite[K]) doneContext(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 1})
	upsert(t, st, vector.Item[K]{ID: key[K](1), Vector: []float32{1}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range calls(st) {
		require.ErrorIs(t, call(ctx), context.Canceled, name)
	}
	require.Equal(t, keysOf[K](1), ids(search(t, st, vector.Query{Vector: []float32{1}})), "nothing changed")
}

func (s suite[K]) closed(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 1})
	upsert(t, st, vector.Item[K]{ID: key[K](1), Vector: []float32{1}})
	require.NoError(t, st.Close())
	require.NoError(t, st.Close(), "closing twice is harmless")
	for name, call := range calls(st) {
		require.ErrorIs(t, call(t.Context()), quintet.ErrClosed, name)
	}
}

func (s suite[K]) all(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 1, Metric: vector.L2})
	l, ok := st.(lister[K])
	require.True(t, ok, "it has no method All")
	for _, err := range l.All(t.Context()) {
		require.NoError(t, err)
		t.Fatal("an item of an empty store")
	}
	const n = 300 // more than a page
	var want []vector.Item[K]
	for i := range n {
		want = append(want, vector.Item[K]{ID: key[K](n - i), Vector: []float32{float32(i)}, Meta: vector.Meta{"i": i}})
	}
	upsert(t, st, want...)
	want[7].Text = "replaced"
	upsert(t, st, want[7])
	_, err := st.Delete(t.Context(), want[3].ID)
	require.NoError(t, err)
	want = append(want[:3], want[4:]...)
	var got []vector.Item[K]
	for it, err := range l.All(t.Context()) {
		require.NoError(t, err)
		if got = append(got, it); len(got) == 5 { // the loop may change the store
			upsert(t, st, vector.Item[K]{ID: key[K](n + 1), Vector: []float32{1}})
		}
	}
	require.Equal(t, want, got, "what was there when the loop began")
	for range l.All(t.Context()) {
		break
	}
}

// concurrent calls everything from many goroutines at once.
func (s suite[K]) concurrent(t *testing.T) {
	st := s.store(t, vector.Options{Dim: 4, Metric: vector.L2})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 15 {
				if err := s.round(t.Context(), st, w, i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got, err := st.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, 4*15, got.Items)
}

// round is what one goroutine does once: it leaves one item more, of its own.
func (s suite[K]) round(ctx context.Context, st vector.Store[K], w, i int) error {
	mine, passing := key[K](100*w+i), key[K](1000+100*w+i)
	v := []float32{float32(w), float32(i), 1, 0}
	errs := []error{st.Upsert(ctx, vector.Item[K]{ID: mine, Vector: v}, vector.Item[K]{ID: passing, Vector: v})}
	it, ok, err := st.Get(ctx, mine)
	if !ok || it.ID != mine {
		errs = append(errs, fmt.Errorf("get of %v: %v %v", mine, it, ok))
	}
	errs = append(errs, err)
	hits, err := st.Search(ctx, vector.Query{Vector: v, K: 2})
	if len(hits) != 2 || hits[0].Distance != 0 {
		errs = append(errs, fmt.Errorf("hits %v", hits))
	}
	n, e := st.Delete(ctx, passing)
	if n != 1 {
		errs = append(errs, fmt.Errorf("deleted %d", n))
	}
	_, stats := st.Stats(ctx)
	return errors.Join(append(errs, err, e, stats)...)
}

// whole looks for a change of one call that is seen in part.
func (s suite[K]) whole(t *testing.T) {
	const n = 6
	st := s.store(t, vector.Options{Dim: 1, Metric: vector.L2})
	write := func(version int) error {
		items := make([]vector.Item[K], n)
		for i := range items {
			items[i] = vector.Item[K]{ID: key[K](i), Vector: []float32{1}, Meta: vector.Meta{"v": version}}
		}
		return st.Upsert(t.Context(), items...)
	}
	require.NoError(t, write(0))
	done := make(chan error, 1)
	go func() {
		var err error
		for v := 1; v <= 20 && err == nil; v++ {
			err = write(v)
		}
		done <- err
	}()
	for {
		select {
		case err := <-done:
			require.NoError(t, err)
			return
		default:
		}
		hits := search(t, st, vector.Query{Vector: []float32{1}})
		require.Len(t, hits, n)
		for _, h := range hits {
			require.Equal(t, hits[0].Meta, h.Meta)
		}
	}
}
