package text_test

import (
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text"
)

// TestHostileBodiesCostNoMoreThanTheirLength runs every task on 256 KiB of each
// attack. A scan that starts again at every byte would take 2^36 steps, minutes,
// for one of them: that shows without a clock.
func TestHostileBodiesCostNoMoreThanTheirLength(t *testing.T) {
	size := 1 << 18
	if text.RaceEnabled {
		size = 1 << 14 // the run without the race detector decides
	}
	p := newPipeline(t, text.Options{})
	dst := make([]float32, 64)
	for pattern, body := range attacks(size) {
		r, err := p.Run(t.Context(), text.Document{Body: body})
		require.NoError(t, err, "%q", pattern)
		require.Equal(t, len(body), r.Stats.Bytes)
		text.Lexical(body, dst)
	}
}

// TestMemoryGrowsWithTheBody compares the bytes allocated for a body and for one
// twice as long. Growing slices round up, hence 3 and not 2.
func TestMemoryGrowsWithTheBody(t *testing.T) {
	long := attacks(1 << 14)
	for pattern, body := range attacks(1 << 13) {
		small, large := allocated(t, body), allocated(t, long[pattern])
		require.LessOrEqual(t, large, 3*small+1<<14, "%q", pattern)
	}
}

// TestLongBodiesUseTheirMemoryAgain: a million tokens take 24 MB of working memory, once.
func TestLongBodiesUseTheirMemoryAgain(t *testing.T) {
	if text.RaceEnabled {
		t.Skip("the race detector makes pools forget")
	}
	p := newPipeline(t, text.Options{Tasks: text.TaskKeywords | text.TaskEntities})
	doc := text.Document{Body: "a." + strings.Repeat("(", 1<<20-2)}
	least := uint64(math.MaxUint64) // a pool may forget, too
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := p.Run(t.Context(), doc)
		require.NoError(t, err)
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	require.LessOrEqual(t, least, uint64(1<<20))
}

// allocated returns the bytes that a new pipeline allocates for one body.
func allocated(t *testing.T, body string) uint64 {
	t.Helper()
	p := newPipeline(t, text.Options{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := p.Run(t.Context(), text.Document{Body: body})
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
