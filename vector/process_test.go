package vector_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// childDir names the directory that a child process writes to.
const childDir = "QUINTET_VECTOR_CHILD"

// childForm names the options of the child.
const childForm = "QUINTET_VECTOR_FORM"

var childOptions = map[string]vector.Options{
	"flat": {Dim: 8, Metric: vector.L2, SnapshotBytes: 3000},
	"mapped": {
		Dim: wideDim, Metric: vector.L2, SnapshotBytes: 100_000, Mapped: true, Quantization: vector.SQ8,
		Index: vector.HNSW, M: 6, EfConstruction: 20,
	},
	"f16": {
		Dim: wideDim, Metric: vector.L2, SnapshotBytes: 100_000, Mapped: true, Quantization: vector.F16,
		Index: vector.HNSW, M: 6, EfConstruction: 20,
	},
}

// TestChild is the child process: writers that say on standard output what was
// acknowledged, until they are killed.
func TestChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("a part of TestAKilledProcessLosesNoAcknowledgedCall")
	}
	o := childOptions[os.Getenv(childForm)]
	c, err := vector.Open[string](dir, o)
	require.NoError(t, err)
	start := c.Len()
	var out sync.Mutex
	together(4, func(w int) {
		for i := 0; ; i++ {
			a, b := fmt.Sprint("a ", start, w, " ", i), fmt.Sprint("b ", start, w, " ", i)
			v := make([]float32, o.Dim)
			v[0], v[7] = float32(i), float32(w)
			err := c.Upsert(context.Background(), item{ID: a, Vector: v}, item{ID: b, Vector: v})
			require.NoError(t, err)
			out.Lock()
			fmt.Println("acked", strconv.Quote(a))
			out.Unlock()
		}
	})
}

// TestAKilledProcessLosesNoAcknowledgedCall kills a child that writes, over and
// over, after a random number of calls that it was told had succeeded.
func TestAKilledProcessLosesNoAcknowledgedCall(t *testing.T) {
	for form := range childOptions {
		t.Run(form, func(t *testing.T) { killOften(t, form) })
	}
}

func killOften(t *testing.T, form string) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	acked := map[string]bool{}
	for range 8 {
		child := exec.Command(os.Args[0], "-test.run=^TestChild$")
		child.Env = append(os.Environ(), childDir+"="+dir, childForm+"="+form)
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		lines := bufio.NewScanner(out)
		for more := 1 + rng.IntN(80); more > 0 && lines.Scan(); {
			var quoted string
			if _, err := fmt.Sscanf(lines.Text(), "acked %q", &quoted); err == nil {
				acked[quoted] = true
				more--
			}
		}
		_, err = vector.Open[string](dir, childOptions[form])
		require.ErrorIs(t, err, quintet.ErrBusy, "the child holds the lock")
		require.NoError(t, child.Process.Kill())
		for lines.Scan() { // what it had said by then
			var quoted string
			if _, err := fmt.Sscanf(lines.Text(), "acked %q", &quoted); err == nil {
				acked[quoted] = true
			}
		}
		require.Error(t, child.Wait())
		checkChild(t, dir, form, acked)
	}
	require.Greater(t, len(acked), 100)
}

// checkChild wants every acknowledged call, and of every call both items or none.
func checkChild(t *testing.T, dir, form string, acked map[string]bool) {
	t.Helper()
	c, err := vector.Open[string](dir, childOptions[form])
	require.NoError(t, err)
	for id := range acked {
		_, ok, err := c.Get(t.Context(), id)
		require.NoError(t, err)
		require.True(t, ok, "%q was acknowledged", id)
	}
	for _, it := range all(t, c) {
		other := string('a'+'b'-it.ID[0]) + it.ID[1:]
		twin, ok, err := c.Get(t.Context(), other)
		require.NoError(t, err)
		require.True(t, ok, "%q is there, %q is not", it.ID, other)
		require.Equal(t, it.Vector, twin.Vector)
	}
	require.NoError(t, c.Close())
}
