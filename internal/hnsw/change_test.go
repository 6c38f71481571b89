package hnsw_test

import (
	"bytes"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/hnsw"
)

// model is an index beside a map of what it should hold.
type model struct {
	ix    *hnsw.Index
	truth map[uint32][]float32
	next  uint32
	s     hnsw.Searcher
}

func (m *model) add(v []float32) {
	m.ix.Add(m.next, v)
	m.truth[m.next] = v
	m.next++
}

func (m *model) any(rng *rand.Rand) uint32 {
	at := uint32(rng.IntN(int(m.next)))
	for ; m.truth[at] == nil; at = (at + 1) % m.next {
	}
	return at
}

func (m *model) delete(t *testing.T, ids ...uint32) {
	t.Helper()
	require.Equal(t, len(ids), m.ix.Delete(ids...))
	for _, id := range ids {
		delete(m.truth, id)
		require.Nil(t, m.ix.Vector(id))
	}
}

func (m *model) compact(t *testing.T) {
	t.Helper()
	ix, remap := m.ix.Compact()
	moved := map[uint32][]float32{}
	for id, v := range m.truth {
		moved[remap[id]] = v
	}
	require.Len(t, moved, len(m.truth), "no two share an id")
	m.ix, m.truth, m.next = ix.WalkAlways(), moved, uint32(len(moved))
	require.Zero(t, ix.Stats().Dead)
}

func (m *model) reread(t *testing.T) {
	t.Helper()
	var b bytes.Buffer
	n, err := m.ix.WriteTo(&b)
	require.NoError(t, err)
	require.EqualValues(t, b.Len(), n)
	before := m.ix.Stats()
	m.ix, err = hnsw.Read(&b)
	require.NoError(t, err)
	m.ix.WalkAlways()
	require.Equal(t, before, m.ix.Stats())
}

// check wants live ids only, each once, in order, as many as there are, and every
// vector to find itself.
func (m *model) check(t *testing.T, rng *rand.Rand, dim int) {
	t.Helper()
	require.Equal(t, len(m.truth), m.ix.Len())
	q := random(rng, dim)
	for _, k := range []int{1, 10, len(m.truth) + 1} {
		hits := m.ix.Search(nil, q, k, 32, nil, &m.s)
		require.Len(t, hits, min(k, len(m.truth)))
		seen := map[uint32]bool{}
		for i, h := range hits {
			v := m.truth[h.ID]
			if v == nil || seen[h.ID] || i > 0 && hits[i-1].Rank > h.Rank {
				t.Fatalf("hit %d of %d, %v, is stale, there twice or out of order", i, k, h)
			}
			seen[h.ID] = true
			if math.Abs(rank(hnsw.L2, q, v)-float64(h.Rank)) > 1e-4 {
				t.Fatalf("hit %v should have rank %v", h, rank(hnsw.L2, q, v))
			}
		}
	}
}

// checkSelf wants a walk that keeps all candidates to reach every vector, and one
// of common width nearly all.
func (m *model) checkSelf(t *testing.T) {
	t.Helper()
	missed := 0
	for id, v := range m.truth {
		if !m.findsItself(id, v, 64) {
			missed++
		}
		if !m.findsItself(id, v, len(m.truth)) {
			t.Errorf("no walk reaches %d", id)
		}
	}
	t.Logf("%d of %d not found with ef 64", missed, len(m.truth))
	require.LessOrEqual(t, missed, len(m.truth)/100)
}

func (m *model) findsItself(id uint32, v []float32, ef int) bool {
	hits := m.ix.Search(nil, v, 1, ef, nil, &m.s)
	return len(hits) == 1 && (hits[0].ID == id || slices.Equal(m.truth[hits[0].ID], v))
}

func TestRandomChangesLeaveAWorkingIndex(t *testing.T) {
	const dim = 12
	for seed := range uint64(2) {
		rng := rand.New(rand.NewPCG(seed, 1))
		ix := build(t, hnsw.Options{Dim: dim, M: 6, EfConstruction: 60, Seed: seed}, nil, 1)
		m := &model{ix: ix, truth: map[uint32][]float32{}}
		for step := range 2000 / scale {
			switch op := rng.IntN(100); {
			case op < 60 || len(m.truth) == 0:
				m.add(random(rng, dim))
			case op < 65: // a copy of another one
				m.add(m.truth[m.any(rng)])
			case op < 80:
				m.delete(t, m.any(rng))
			case op < 95: // an update
				old := m.any(rng)
				v := slices.Clone(m.truth[old])
				v[0] += 0.1
				m.add(v)
				m.delete(t, old)
			case op == 95 && step%7 == 0:
				m.compact(t)
			case op == 96 && step%7 == 0:
				m.reread(t)
			case op == 96:
				m.ix.Quantize(hnsw.Code8)
			case op == 97 && step%37 == 0:
				for id := range m.truth {
					m.delete(t, id)
				}
			}
			if step%20 == 0 {
				m.check(t, rng, dim)
			}
		}
		m.checkSelf(t)
		m.compact(t)
		m.checkSelf(t)
		m.check(t, rng, dim)
	}
}

func TestDeletedHalfAndCompactedIsAsGoodAsFresh(t *testing.T) {
	const n, dim = 3000 / scale, 32
	rows := clusters(5, n+100, dim, false)
	queries := rows[n:]
	o := hnsw.Options{Dim: dim, EfConstruction: 50}
	ix := build(t, o, rows[:n], 2)
	var left [][]float32
	for id := range uint32(n) {
		if id%2 == 1 {
			require.Equal(t, 1, ix.Delete(id, n+5))
		} else {
			left = append(left, rows[id])
		}
	}
	fresh := recall(build(t, o, left, 1), queries, 10, 32, nil)
	deleted := recall(ix, queries, 10, 32, nil)
	small, remap := ix.Compact()
	small.WalkAlways()
	compacted := recall(small, queries, 10, 32, nil)
	t.Logf("recall@10 at ef 32: fresh %.4f, with tombstones %.4f, compacted %.4f", fresh, deleted, compacted)
	require.Greater(t, compacted, fresh-0.03)
	require.Greater(t, deleted, fresh-0.03)
	require.Equal(t, uint32(hnsw.Gone), remap[1])
	require.Equal(t, rows[8], small.Vector(remap[8]))
}

func TestCopiesDoNotHideTheOthers(t *testing.T) {
	for name, m := range map[string]hnsw.Metric{"L2": hnsw.L2, "Dot": hnsw.Dot} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(6, 6))
			var rows [][]float32
			same := random(rng, 16)
			normalise(same)
			for i := range 1000 / scale {
				v := same
				if i%2 == 1 {
					v = random(rng, 16)
					normalise(v)
				}
				rows = append(rows, v)
			}
			ix := build(t, hnsw.Options{Dim: 16, Metric: m}, rows, 1)
			var s hnsw.Searcher
			for ef, most := range map[int]int{64: len(rows) / 10, len(rows): 0} {
				missed := 0
				for i := 1; i < len(rows); i += 2 {
					if int(ix.Search(nil, rows[i], 1, ef, nil, &s)[0].ID) != i {
						missed++
					}
				}
				t.Logf("%d of %d missed with ef %d", missed, len(rows)/2, ef)
				require.LessOrEqual(t, missed, most)
			}
			want := ix.Exact(nil, same, 100, nil, &s)
			for i, h := range ix.Search(nil, same, 100, 100, nil, &s) {
				require.InDelta(t, want[i].Rank, h.Rank, 1e-6, "hit %d is a copy", i)
			}
		})
	}
}

func TestAllIdentical(t *testing.T) {
	rows := make([][]float32, 200)
	for i := range rows {
		rows[i] = []float32{1, 2, 3}
	}
	ix := build(t, hnsw.Options{Dim: 3}, rows, 2)
	var s hnsw.Searcher
	require.Len(t, ix.Search(nil, rows[0], 100, 100, nil, &s), 100)
	for id := range uint32(200) {
		require.Equal(t, 1, ix.Delete(id))
		require.Len(t, ix.Search(nil, rows[0], 3, 4, nil, &s), min(3, 199-int(id)))
	}
	require.Zero(t, ix.Delete(3), "deleted twice")
	ix.Add(200, rows[0])
	require.Equal(t, []hnsw.Hit{{200, 0}}, ix.Search(nil, rows[0], 2, 2, nil, &s))
	small, _ := ix.Compact()
	require.Equal(t, 1, small.Len())
}

func TestOneWorkerBuildsTheSameGraphEachTime(t *testing.T) {
	rows := clusters(8, 600, 16, false)
	write := func(seed uint64) []byte {
		var b bytes.Buffer
		_, err := build(t, hnsw.Options{Dim: 16, EfConstruction: 50, Seed: seed}, rows, 1).WriteTo(&b)
		require.NoError(t, err)
		return b.Bytes()
	}
	require.True(t, bytes.Equal(write(1), write(1)))
	require.False(t, bytes.Equal(write(1), write(2)))
}

func TestWhatIsNotLinkedIsFoundAllTheSame(t *testing.T) {
	const n = 1000
	rows := clusters(9, n+100, 8, false)
	ix := build(t, hnsw.Options{Dim: 8, EfConstruction: 40}, rows[:n], 1)
	for id := n; id < n+100; id++ {
		ix.Put(uint32(id), rows[id])
	}
	require.EqualValues(t, n, ix.Tail())
	require.EqualValues(t, n+100, ix.End())
	var s hnsw.Searcher
	first := func(id int, allow hnsw.Bits) int { return int(ix.Search(nil, rows[id], 1, 10, allow, &s)[0].ID) }
	require.Equal(t, n+7, first(n+7, nil))
	require.Equal(t, n+8, first(n+8, every(2, n+100)))
	require.NotEqual(t, n+7, first(n+7, every(2, n+100)))
	require.Greater(t, recall(ix, rows[n:], 10, 40, nil), 0.98)
	require.Equal(t, 1, ix.Delete(n))
	ix.Link([]uint32{n, 5, n + 1, n + 1}, 1)
	require.EqualValues(t, n+2, ix.Tail())
	require.Equal(t, n+1, first(n+1, nil))
	require.NotEqual(t, n, first(n, nil))
	require.Equal(t, n+1, ix.Stats().Nodes)
}

func TestStagedAndHiddenVectorsAreNotFound(t *testing.T) {
	const n = 500
	rows := clusters(11, n, 8, false)
	for _, linked := range []bool{false, true} {
		ix := build(t, hnsw.Options{Dim: 8, EfConstruction: 40}, rows[:n-1], 1)
		ix.Stage(n-1, rows[n-1])
		if linked {
			ix.Link([]uint32{n - 1}, 1)
		}
		var s hnsw.Searcher
		found := func() bool {
			byWalk, byScan := ix.Search(nil, rows[n-1], 1, 10, nil, &s)[0].ID, ix.Exact(nil, rows[n-1], 1, nil, &s)[0].ID
			require.Equal(t, byScan == n-1, byWalk == n-1)
			require.Equal(t, byWalk == n-1, ix.Live(n-1))
			return byWalk == n-1
		}
		require.False(t, found())
		require.Equal(t, n-1, ix.Len())
		ix.Show(n-1, n-1)
		require.True(t, found())
		require.Equal(t, n, ix.Len())
		ix.Hide(n-1, n-1)
		require.False(t, found())
		require.Nil(t, ix.Vector(n-1))
		require.Equal(t, 1, ix.Delete(n-1), "it was stored")
		require.False(t, found())
		require.Equal(t, n-1, ix.Len())
		require.Equal(t, 1, ix.Stats().Dead)
	}
}

func TestRowsAreAdoptedAndReplaced(t *testing.T) {
	const n, dim = 5000, 20
	vs := clusters(12, n, dim, false)
	for _, half := range []bool{false, true} {
		l := hnsw.NewLayout(dim, half)
		shift := l.Shift()
		chunks := make([][]byte, (n+1<<shift-1)>>shift)
		for i := range chunks {
			chunks[i] = l.NewChunk()
		}
		var buf []float32
		for i, v := range vs {
			row := l.Row(chunks[i>>shift], i&(1<<shift-1))
			l.Put(row, v)
			copy(v, l.Vector(row, &buf)) // what 16 bits keep of it
		}
		ix, err := hnsw.Adopt(hnsw.Options{Dim: dim, EfConstruction: 20, Half: half}, chunks, n)
		require.NoError(t, err)
		require.Equal(t, &chunks[1][0], &ix.Rows(1)[0], "they are not copied")
		require.Nil(t, ix.Rows(len(chunks)))
		var s hnsw.Searcher
		same := func() {
			for i := 0; i < n; i += 500 {
				require.Equal(t, vs[i], ix.Vector(uint32(i)))
				require.EqualValues(t, i, ix.Search(nil, vs[i], 1, 64, nil, &s)[0].ID)
			}
		}
		same()
		ids := make([]uint32, n)
		for i := range ids {
			ids[i] = uint32(i)
		}
		ix.Link(ids[:n/scale], 2)
		same()
		before := ix.Stats()
		others := make([][]byte, len(chunks))
		for i := range others {
			others[i] = append(l.NewChunk()[:0], chunks[i]...)
		}
		ix.Replace(others)
		for i, rows := range chunks[:len(chunks)-1] {
			require.Equal(t, &others[i][0], &ix.Rows(i)[0])
			for j := range rows { // nobody looks there any more
				rows[j] = 0xff
			}
		}
		require.Equal(t, &chunks[len(chunks)-1][0], &ix.Rows(len(chunks) - 1)[0], "the last one may grow")
		after := ix.Stats()
		require.Equal(t, before.RowBytes, after.RowBytes+after.MappedBytes)
		require.EqualValues(t, len(chunks[0]), after.RowBytes)
		same()
		ix.Put(n, vs[3])
		require.Equal(t, n+1, ix.Len())
		ix.Link([]uint32{n}, 1)
		ix.Delete(5)
		small, _ := ix.Compact()
		require.Zero(t, small.Stats().MappedBytes, "a copy is in memory")
		require.Equal(t, n, small.Len())
	}
	var err error
	_, err = hnsw.Adopt(hnsw.Options{}, nil, 0)
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestAQuantisedIndexTakesChanges(t *testing.T) {
	const n, dim = 4000 / scale, 32
	rows := clusters(13, n+100, dim, false)
	ix := build(t, hnsw.Options{Dim: dim, EfConstruction: 50}, rows[:n/4], 2)
	ix.Quantize(hnsw.Code8)
	for id := n / 4; id < n; id++ {
		ix.Add(uint32(id), rows[id])
	}
	frozen := recall(ix, rows[n:], 10, 64, nil)
	ix.Quantize(hnsw.Code8)
	anew := recall(ix, rows[n:], 10, 64, nil)
	t.Logf("recall@10 with codes of the first quarter %.4f, of all %.4f", frozen, anew)
	require.Greater(t, frozen, 0.95)
	require.Greater(t, anew, 0.95)
}

func TestSearchesRunBesideWriters(t *testing.T) {
	const n, dim = 900, 16
	rows := clusters(10, n, dim, false)
	ix := build(t, hnsw.Options{Dim: dim, M: 8, EfConstruction: 40}, rows[:300], 1)
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for w := range 2 {
		writers.Go(func() {
			for id := 300 + w; id < n; id += 2 {
				ix.Add(uint32(id), rows[id])
				if id%4 == w {
					ix.Hide(uint32(id - 300))
					ix.Delete(uint32(id-300), uint32(id-299))
				}
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			var s hnsw.Searcher
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				hits := ix.Search(nil, rows[i%n], 10, 20, nil, &s)
				if len(hits) < 10 {
					panic("too few hits")
				}
				for _, h := range hits {
					ix.Vector(h.ID)
				}
				ix.Search(nil, rows[i%n], 3, 20, every(2+i%9, n), &s)
				ix.Stats()
			}
		})
	}
	writers.Go(func() {
		for id := n; id < n+200; id++ {
			ix.Stage(uint32(id), rows[id-n])
			ix.Show(uint32(id))
		}
	})
	writers.Go(func() {
		for range 3 {
			ix.Quantize(hnsw.Code8)
			ix.Compact()
			_, err := ix.WriteTo(io.Discard)
			require.NoError(t, err)
		}
	})
	writers.Wait()
	close(stop)
	readers.Wait()
	small, _ := ix.Compact()
	require.Greater(t, recall(small.WalkAlways(), rows[:100], 10, 40, nil), 0.95)
}
