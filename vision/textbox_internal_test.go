package vision

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func scatteredPoints(rng *rand.Rand, n, side int) []Point {
	points := make([]Point, n)
	for i := range points {
		points[i] = Point{float64(rng.IntN(side)), float64(rng.IntN(side))}
	}
	return points
}

// extreme reports whether a point is in no segment and no triangle of the others.
func extreme(points []Point, p Point) bool {
	others := slices.DeleteFunc(slices.Clone(points), func(q Point) bool { return q == p })
	cross := func(a, b Point) float64 { return (b.X-a.X)*(p.Y-a.Y) - (b.Y-a.Y)*(p.X-a.X) }
	for i, a := range others {
		for j, b := range others[:i] {
			if cross(a, b) == 0 && (a.X-p.X)*(b.X-p.X)+(a.Y-p.Y)*(b.Y-p.Y) <= 0 {
				return false
			}
			for _, c := range others[:j] {
				u, v, w := cross(a, b), cross(b, c), cross(c, a)
				if u > 0 && v > 0 && w > 0 || u < 0 && v < 0 && w < 0 {
					return false
				}
			}
		}
	}
	return true
}

func TestConvexHullHasTheExtremePoints(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		points := scatteredPoints(rng, 1+rng.IntN(12), 2+rng.IntN(12))
		var want []Point
		for _, p := range points {
			if extreme(points, p) && !slices.Contains(want, p) {
				want = append(want, p)
			}
		}
		hull := convexHull(slices.Clone(points))
		require.ElementsMatch(t, want, hull, "of %v", points)
		for i := 0; len(hull) > 2 && i < len(hull); i++ {
			require.True(t, leftTurn(hull[i], hull[(i+1)%len(hull)], hull[(i+2)%len(hull)]))
		}
	}
}

func TestMinAreaBoxIsTheBestOfAllAngles(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		points := scatteredPoints(rng, 2+rng.IntN(20), 2+rng.IntN(60))
		b := minAreaBox(convexHull(slices.Clone(points)))
		for _, p := range points {
			d := p.plus(b.middle, -1)
			require.LessOrEqual(t, math.Abs(d.dot(b.along)), b.w/2+1e-9)
			require.LessOrEqual(t, math.Abs(d.dot(b.down())), b.h/2+1e-9)
		}
		least, perimeter := math.Inf(1), 0.0
		const steps = 1800 // of a twentieth of a degree
		for step := range steps {
			sin, cos := math.Sincos(math.Pi / 2 * float64(step) / steps)
			c := boxAlong(points, Point{cos, sin})
			if c.w*c.h < least {
				least, perimeter = c.w*c.h, c.w+c.h
			}
		}
		require.LessOrEqual(t, b.w*b.h, least+1e-6)
		// A side that turns by an angle moves its ends by its length times that.
		require.LessOrEqual(t, least, b.w*b.h+perimeter*perimeter*math.Pi/2/steps)
	}
}

func TestDirectionOfALine(t *testing.T) {
	tests := map[string]struct {
		degrees, w, h float64
		want          float64 // degrees of the text, clockwise
	}{
		"along":                        {0, 100, 20, 0},
		"across":                       {90, 20, 100, 0},
		"backwards":                    {180, 100, 20, 0},
		"down":                         {90, 100, 20, 90},
		"up is read down":              {-90, 100, 20, 90},
		"nearly up is read down":       {-86, 100, 20, 94},
		"steep, up to the right":       {-80, 100, 20, -80},
		"steep, down to the right":     {80, 100, 20, 80},
		"tilted":                       {45, 100, 20, 45},
		"square":                       {0, 20, 20, 0},
		"a little higher than wide":    {0, 20, 25, 0},
		"tilted, higher than wide":     {10, 20, 25, 10},
		"lies, a little longer":        {90, 25, 20, 0},
		"half as high again as wide":   {0, 20, 31, 90},
		"tilted to the left, squarish": {-40, 22, 20, -40},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			sin, cos := math.Sincos(tt.degrees * math.Pi / 180)
			f := textBox{middle: Point{50, 60}, along: Point{cos, sin}, w: tt.w, h: tt.h}.frame()
			require.InDelta(t, tt.want, math.Atan2(f.along.Y, f.along.X)*180/math.Pi, 1e-9)
			require.InDelta(t, 50, f.middle().X, 1e-9)
			require.InDelta(t, 60, f.middle().Y, 1e-9)
			require.InDelta(t, 0, f.along.dot(f.down), 1e-9)
			require.Positive(t, f.along.X*f.down.Y-f.along.Y*f.down.X, "the text is not mirrored")
			require.InDelta(t, tt.w*tt.h, (f.width()-endRoom*f.height())*f.height(), 1e-6)
			back := f.turned()
			require.InDelta(t, f.corners()[2].X, back.at.X, 1e-9)
			require.Equal(t, -f.along.X, back.along.X)
		})
	}
}

func TestABoxGrowsOnAllSidesAlike(t *testing.T) {
	b := textBox{w: 100, h: 20}.grown(1.5)
	require.InDelta(t, 100+2*1.5*2000/240, b.w, 1e-9)
	require.InDelta(t, 20+2*1.5*2000/240, b.h, 1e-9)
}

func TestXSpanHoldsAllOfAShape(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		f := lineFrame{Point{rng.Float64() * 50, rng.Float64() * 50},
			Point{rng.Float64()*60 - 30, rng.Float64()*60 - 30}, Point{rng.Float64()*20 - 10, rng.Float64()*20 - 10}}
		top := rng.Float64() * 60
		bottom := top + rng.Float64()*10
		x0, x1, ok := xSpan(f.corners(), top, bottom)
		least, most := math.Inf(1), math.Inf(-1)
		const n = 60
		for i := range (n + 1) * (n + 1) {
			p := f.at.plus(f.along, float64(i%(n+1))/n).plus(f.down, float64(i/(n+1))/n)
			if p.Y >= top && p.Y <= bottom {
				least, most = min(least, p.X), max(most, p.X)
			}
		}
		if least <= most {
			require.True(t, ok)
			require.LessOrEqual(t, x0, least+1e-9)
			require.GreaterOrEqual(t, x1, most-1e-9)
		}
		if ok && least <= most {
			step := (f.width() + f.height()) / n * 2
			slope := math.Hypot(f.along.X/f.along.Y, f.down.X/f.down.Y) // of the edges
			require.InDelta(t, least, x0, step*(1+slope))
			require.InDelta(t, most, x1, step*(1+slope))
		}
	}
	square := lineFrame{Point{2, 3}, Point{10, 0}, Point{0, 5}}.corners()
	for y, want := range map[float64]bool{2.9: false, 3: true, 5: true, 8: true, 8.1: false} {
		x0, x1, ok := xSpan(square, y, y)
		require.Equal(t, want, ok, "%v", y)
		if ok {
			require.Equal(t, [2]float64{2, 12}, [2]float64{x0, x1})
		}
	}
}
