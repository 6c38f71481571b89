package video_test

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vision"
	"github.com/quintet-ai/quintet/vision/video"
)

func tracker(t testing.TB, o video.TrackerOptions) *video.Tracker {
	t.Helper()
	tr, err := video.NewTracker(o)
	require.NoError(t, err)
	return tr
}

// bestSum tries every way to give rows columns.
func bestSum(gain [][]float64, used int) float64 {
	if len(gain) == 0 {
		return 0
	}
	best := bestSum(gain[1:], used)
	for i, g := range gain[0] {
		if g > 0 && used&(1<<i) == 0 {
			best = max(best, g+bestSum(gain[1:], used|1<<i))
		}
	}
	return best
}

func TestAssignmentIsTheBestOfAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		rows, columns := rng.IntN(7), rng.IntN(7)
		gain := make([][]float64, rows)
		for k := range gain {
			gain[k] = make([]float64, columns)
			for i := range gain[k] {
				if rng.IntN(3) > 0 {
					gain[k][i] = float64(rng.IntN(9)) / 8
				}
			}
		}
		of := video.AssignGroups(gain, columns)
		require.Len(t, of, rows)
		sum, taken := 0.0, map[int]bool{}
		for k, i := range of {
			if i >= 0 {
				require.False(t, taken[i])
				require.Positive(t, gain[k][i])
				taken[i] = true
				sum += gain[k][i]
			}
		}
		require.InDelta(t, bestSum(gain, 0), sum, 1e-9, "%v", gain)
	}
}

// matrix is a naive matrix for the filter of the paper.
type matrix [][]float64

func zeros(n, m int) matrix {
	a := make(matrix, n)
	for i := range a {
		a[i] = make([]float64, m)
	}
	return a
}

func (a matrix) times(b matrix) matrix {
	c := zeros(len(a), len(b[0]))
	for i := range a {
		for j := range b[0] {
			for k := range b {
				c[i][j] += a[i][k] * b[k][j]
			}
		}
	}
	return c
}

func (a matrix) transposed() matrix {
	c := zeros(len(a[0]), len(a))
	for i := range a {
		for j := range a[0] {
			c[j][i] = a[i][j]
		}
	}
	return c
}

func (a matrix) plus(b matrix, sign float64) matrix {
	c := zeros(len(a), len(a[0]))
	for i := range a {
		for j := range a[0] {
			c[i][j] = a[i][j] + sign*b[i][j]
		}
	}
	return c
}

// inverse is that of Gauss and Jordan.
func (a matrix) inverse() matrix {
	n := len(a)
	w := zeros(n, 2*n)
	for i := range a {
		copy(w[i], a[i])
		w[i][n+i] = 1
	}
	for i := range n {
		p := w[i][i]
		for j := range w[i] {
			w[i][j] /= p
		}
		for k := range n {
			if k != i {
				f := w[k][i]
				for j := range w[k] {
					w[k][j] -= f * w[i][j]
				}
			}
		}
	}
	out := zeros(n, n)
	for i := range out {
		copy(out[i], w[i][n:])
	}
	return out
}

func diagonal(v ...float64) matrix {
	a := zeros(len(v), len(v))
	for i, x := range v {
		a[i][i] = x
	}
	return a
}

func TestTheFilterIsThatOfSevenBySeven(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	f, h := diagonal(1, 1, 1, 1, 1, 1, 1), zeros(4, 7)
	f[0][4], f[1][5], f[2][6] = 1, 1, 1
	for i := range 4 {
		h[i][i] = 1
	}
	p := diagonal(10, 10, 10, 10, 1e4, 1e4, 1e4)
	q, r := diagonal(1, 1, 1, 1, 0.01, 0.01, 1e-4), diagonal(1, 1, 10, 10)
	measure := func(b image.Rectangle) matrix {
		w, h := float64(b.Dx()), float64(b.Dy())
		return matrix{{float64(b.Min.X+b.Max.X) / 2}, {float64(b.Min.Y+b.Max.Y) / 2}, {w * h}, {w / h}}
	}
	next := func(i int) image.Rectangle {
		x, y := 10+4*i+rng.IntN(3), 20+2*i+rng.IntN(3)
		return image.Rect(x, y, x+30+rng.IntN(5), y+60+rng.IntN(5))
	}
	b := next(0)
	x := zeros(7, 1)
	for i, v := range measure(b) {
		x[i] = v
	}
	filter := video.NewFilter(b)
	for i := 1; i < 40; i++ {
		b = next(i)
		x, p = f.times(x), f.times(p).times(f.transposed()).plus(q, 1)
		gain := p.times(h.transposed()).times(h.times(p).times(h.transposed()).plus(r, 1).inverse())
		x = x.plus(gain.times(measure(b).plus(h.times(x), -1)), 1)
		p = p.plus(gain.times(h).times(p), -1)
		for k, got := range filter.Step(b) {
			require.InDelta(t, x[k][0], got, 1e-6*math.Max(1, math.Abs(x[k][0])), "frame %d, number %d", i, k)
		}
	}
}

// walk is an object whose true box is known in every frame.
type walk struct{ x, y, dx, dy, w, h float64 }

func (w walk) at(i int) image.Rectangle {
	x, y := w.x+w.dx*float64(i), w.y+w.dy*float64(i)
	return image.Rect(int(x), int(y), int(x+w.w), int(y+w.h))
}

// score counts as the MOT challenge does.
type score struct{ truth, hits, wrong, switches int }

func (s score) mota() float64 {
	return 1 - float64(s.truth-s.hits+s.wrong+s.switches)/float64(s.truth)
}

// follow runs a tracker over walks whose boxes shake, are missed and invented.
func follow(t testing.TB, walks []walk, frames int, seed uint64, shake, missed, invented float64) (s score, ids int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 7))
	tr := tracker(t, video.TrackerOptions{})
	was, seen := map[int]int{}, map[int]bool{} // the number of each walk
	for i := range frames {
		var found []vision.Object
		for _, w := range walks {
			if rng.Float64() >= missed {
				b := w.at(i)
				d := func() int { return int(math.Round(rng.NormFloat64() * shake)) }
				found = append(found, vision.Object{Box: image.Rect(b.Min.X+d(), b.Min.Y+d(), b.Max.X+d(), b.Max.Y+d())})
			}
		}
		if rng.Float64() < invented {
			x, y := rng.IntN(600), rng.IntN(400)
			found = append(found, vision.Object{Box: image.Rect(x, y, x+40, y+40)})
		}
		rng.Shuffle(len(found), func(a, b int) { found[a], found[b] = found[b], found[a] })
		got, err := tr.Update(found)
		require.NoError(t, err)
		gain := make([][]float64, len(walks))
		for k, w := range walks {
			gain[k] = make([]float64, len(got))
			for j, g := range got {
				if v := overlap(w.at(i), g.Object.Box); v >= 0.5 {
					gain[k][j] = v
					if was[k] == g.ID {
						gain[k][j] += 10 // as the challenge keeps what was matched
					}
				}
			}
		}
		s.truth += len(walks)
		s.wrong += len(got)
		for k, j := range video.AssignGroups(gain, len(got)) {
			if j < 0 {
				continue
			}
			s.hits++
			s.wrong--
			if was[k] != 0 && was[k] != got[j].ID {
				s.switches++
			}
			was[k] = got[j].ID
			seen[got[j].ID] = true
		}
	}
	return s, len(seen)
}

func overlap(a, b image.Rectangle) float64 {
	c := a.Intersect(b)
	area := func(r image.Rectangle) float64 { return float64(r.Dx() * r.Dy()) }
	return area(c) / (area(a) + area(b) - area(c))
}

func TestObjectsKeepTheirNumbers(t *testing.T) {
	crossing := []walk{{10, 100, 5, 0, 40, 80}, {510, 110, -5, 0, 40, 80}, {200, 0, 0.5, 3, 30, 30}, {200, 300, 0.5, -3, 30, 30}}
	for name, tt := range map[string]struct {
		shake, missed, invented, mota float64
		switches                      int
	}{
		"crossing":           {0, 0, 0, 1, 0},
		"boxes that shake":   {1.5, 0, 0, 0.98, 0},
		"some are not found": {1.5, 0.1, 0, 0.85, 2},
		"some are invented":  {1.5, 0.1, 0.3, 0.85, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s, ids := follow(t, crossing, 100, 1, tt.shake, tt.missed, tt.invented)
			t.Logf("MOTA %.3f, %d switches, %d wrong, %d of %d found, %d numbers", s.mota(), s.switches, s.wrong, s.hits, s.truth, ids)
			require.GreaterOrEqual(t, s.mota(), tt.mota)
			require.LessOrEqual(t, s.switches, tt.switches)
		})
	}
}

func TestWhatIsSeenOnceIsNotTold(t *testing.T) {
	tr := tracker(t, video.TrackerOptions{MinHits: 2, MaxMissed: 1})
	object := func(x, class int) vision.Object {
		return vision.Object{Box: image.Rect(x, 10, x+20, 30), Class: class, Label: fmt.Sprint(class)}
	}
	numbers := func(objects ...vision.Object) (all []int) {
		got, err := tr.Update(objects)
		require.NoError(t, err)
		for _, g := range got {
			require.Equal(t, objects[g.Found].Class, g.Object.Class)
			all = append(all, g.ID)
		}
		return all
	}
	require.Equal(t, []int{1}, numbers(object(10, 0)), "nothing is sure in the first frames")
	require.Equal(t, []int{1}, numbers(object(11, 0)))
	require.Equal(t, []int{1}, numbers(object(200, 0), object(12, 0)), "one is seen once")
	require.Equal(t, []int{1}, numbers(object(13, 0)))
	require.Empty(t, numbers(), "nothing is found")
	require.Equal(t, []int{1}, numbers(object(15, 0)), "and then again")
	require.Empty(t, numbers(object(16, 1)), "of another class")
	require.Equal(t, []int{3}, numbers(object(16, 1)))
	require.Empty(t, numbers(object(17, 0)), "the first was given up")
	require.Equal(t, []int{3, 4}, numbers(object(17, 1), object(18, 0)))
}

func TestBadObjectsAreRefused(t *testing.T) {
	tr := tracker(t, video.TrackerOptions{MaxObjects: 1})
	one := vision.Object{Box: image.Rect(0, 0, 9, 9)}
	for _, bad := range [][]vision.Object{{one, one}, {{}}} {
		_, err := tr.Update(bad)
		require.ErrorIs(t, err, quintet.ErrInput)
	}
	for _, o := range []video.TrackerOptions{
		{MinOverlap: -1}, {MinOverlap: 2}, {MinOverlap: math.NaN()}, {MaxMissed: -1}, {MinHits: -1}, {MaxObjects: -1}, {MaxObjects: 5000},
	} {
		_, err := video.NewTracker(o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

// Whatever boxes come, each that is told is one of them, with a number of its own.
func FuzzTracker(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	f.Fuzz(func(t *testing.T, data []byte) {
		tr := tracker(t, video.TrackerOptions{MinHits: 1})
		for len(data) > 0 {
			n := min(int(data[0]%8), (len(data)-1)/4)
			var found []vision.Object
			for _, b := range chunks(data[1:], n) {
				x, y := int(b[0])<<(b[2]%20), int(b[1])
				found = append(found, vision.Object{Box: image.Rect(x, y, x+1+int(b[2]), y+1+int(b[3])<<(b[2]%16))})
			}
			data = data[1+4*n:]
			got, err := tr.Update(found)
			if err != nil {
				t.Fatal(err)
			}
			last, used := 0, map[int]bool{}
			for _, g := range got {
				if g.ID <= last || used[g.Found] || g.Object.Box.Empty() {
					t.Fatalf("track %+v after %d", g, last)
				}
				last, used[g.Found] = g.ID, true
			}
			if len(got) != len(found) {
				t.Fatalf("%d of %d objects", len(got), len(found))
			}
		}
	})
}

func chunks(data []byte, n int) (all [][]byte) {
	for i := range n {
		all = append(all, data[4*i:4*i+4])
	}
	return all
}

func BenchmarkUpdate(b *testing.B) {
	for _, n := range []int{10, 100} {
		b.Run(fmt.Sprintf("objects=%d", n), func(b *testing.B) {
			tr := tracker(b, video.TrackerOptions{})
			var found []vision.Object
			for i := range n {
				x, y := i%10*60, i/10*60
				found = append(found, vision.Object{Box: image.Rect(x, y, x+50, y+50)})
			}
			for b.Loop() {
				if _, err := tr.Update(found); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
