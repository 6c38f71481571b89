package vector_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vector/storetest"
)

func openCollection[K vector.Key](t *testing.T, o vector.Options) vector.Store[K] {
	c, err := vector.New[K](o)
	require.NoError(t, err)
	return c
}

type named string

func TestCollectionsKeepThePromisesOfAStore(t *testing.T) {
	t.Run("string", func(t *testing.T) { storetest.Run(t, openCollection[string], storetest.Options{}) })
	t.Run("named", func(t *testing.T) { storetest.Run(t, openCollection[named], storetest.Options{}) })
	t.Run("int", func(t *testing.T) { storetest.Run(t, openCollection[int], storetest.Options{}) })
	t.Run("uint64", func(t *testing.T) { storetest.Run(t, openCollection[uint64], storetest.Options{}) })
	t.Run("directory", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T, o vector.Options) vector.Store[int64] {
			o.Sync = vector.SyncNever
			c, err := vector.Open[int64](t.TempDir(), o)
			require.NoError(t, err)
			return c
		}, storetest.Options{})
	})
	t.Run("graph", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T, o vector.Options) vector.Store[string] {
			o.Index = vector.HNSW
			return openCollection[string](t, o)
		}, storetest.Options{})
	})
}

func TestFanoutsKeepThePromisesOfAStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T, o vector.Options) vector.Store[string] {
		f, err := vector.NewFanout(t.Context(), openCollection[string](t, o), openCollection[string](t, o))
		require.NoError(t, err)
		return f
	}, storetest.Options{AnyTies: true, NoFence: true, NoHybrid: true, NoAll: true})
}
