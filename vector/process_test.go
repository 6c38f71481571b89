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

var childOptions = vector.Options{Dim: 8, Metric: vector.L2, SnapshotBytes: 3000}

// TestChild is the child process: writers that say on standard output what was
// acknowledged, until they are killed.
func TestChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("a part of TestAKilledProcessLosesNoAcknowledgedCall")
	}
	c, err := vector.Open[string](dir, childOptions)
	require.NoError(t, err)
	start := c.Len()
	var out sync.Mutex
	together(4, func(w int) {
		for i := 0; ; i++ {
			a, b := fmt.Sprint("a ", start, w, " ", i), fmt.Sprint("b ", start, w, " ", i)
			v := []float32{float32(i), 0, 0, 0, 0, 0, 0, float32(w)}
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
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	acked := map[string]bool{}
	for range 8 {
		child := exec.Command(os.Args[0], "-test.run=^TestChild$")
		child.Env = append(os.Environ(), childDir+"="+dir)
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
		_, err = vector.Open[string](dir, childOptions)
		require.ErrorIs(t, err, quintet.ErrBusy, "the child holds the lock")
		require.NoError(t, child.Process.Kill())
		for lines.Scan() { // what it had said by then
			var quoted string
			if _, err := fmt.Sscanf(lines.Text(), "acked %q", &quoted); err == nil {
				acked[quoted] = true
			}
		}
		require.Error(t, child.Wait())
		checkChild(t, dir, acked)
	}
	require.Greater(t, len(acked), 100)
}

// checkChild wants every acknowledged call, and of every call both items or none.
func checkChild(t *testing.T, dir string, acked map[string]bool) {
	t.Helper()
	c, err := vector.Open[string](dir, childOptions)
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
