package vector_test

import (
	"context"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

func numbered(t *testing.T, n int) (*vector.Collection[string], []string) {
	c := open(t, vector.Options{Dim: 1})
	var names []string
	for i := range n {
		names = append(names, strconv.Itoa(i))
		upsert(t, c, item{ID: names[i], Vector: []float32{1}})
	}
	return c, names
}

func TestAllKeepsInsertionOrder(t *testing.T) {
	for _, n := range []int{0, 1, 63, 64, 65, 128, 500} {
		c, want := numbered(t, n)
		var got []string
		for _, it := range all(t, c) {
			got = append(got, it.ID)
		}
		require.Equal(t, want, got)
	}
}

func TestAllMayBeLeft(t *testing.T) {
	c, _ := numbered(t, 200)
	n := 0
	for range c.All(t.Context()) {
		if n++; n == 70 {
			break
		}
	}
	require.Equal(t, 70, n)
}

func TestAllSurvivesChangesInsideTheLoop(t *testing.T) {
	c, _ := numbered(t, 1000)
	var got, want []string
	for i := range 1000 {
		if i < 10 || i%3 == 0 {
			want = append(want, strconv.Itoa(i))
		}
	}
	n := 0
	for it, err := range c.All(t.Context()) {
		require.NoError(t, err)
		got = append(got, it.ID)
		// What is far ahead goes, so the rest moves under the iterator; what is
		// new must not make the loop endless.
		upsert(t, c, item{ID: "new" + it.ID, Vector: []float32{1}}, item{ID: it.ID, Vector: []float32{2}})
		if n++; n == 10 {
			for i := 0; i < 1000; i++ {
				if i >= 10 && i%3 != 0 {
					_, err := c.Delete(t.Context(), strconv.Itoa(i))
					require.NoError(t, err)
				}
			}
		}
	}
	// Items of the page that was read before the deletions may still come.
	got = slices.DeleteFunc(got, func(id string) bool {
		i, err := strconv.Atoi(id)
		return err == nil && i >= 10 && i < 64 && i%3 != 0
	})
	require.Equal(t, want, got)
}

func TestAllEndsWithItsError(t *testing.T) {
	c, _ := numbered(t, 200)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var last error
	for it, err := range c.All(ctx) {
		if last = err; err != nil {
			require.Zero(t, it)
			break
		}
		if n++; n == 5 {
			cancel()
		}
	}
	require.Equal(t, 5, n)
	require.ErrorIs(t, last, context.Canceled)

	n = 0
	for _, err := range c.All(t.Context()) {
		if last = err; err != nil {
			n++
			continue
		}
		require.NoError(t, c.Close(), "closing inside the loop does not wait for it")
	}
	require.Equal(t, 1, n)
	require.ErrorIs(t, last, quintet.ErrClosed)
}
