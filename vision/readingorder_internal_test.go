package vision

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// layoutLine is a line from x for w at height y, 20 high.
func layoutLine(x, y, w float64) lineFrame { return lineFrame{Point{x, y}, Point{w, 0}, Point{0, 20}} }

// paragraph is lines below one another.
func paragraph(x, y, w float64, n int) (lines []lineFrame) {
	for i := range n {
		if i == n-1 {
			w /= 2 // the last is short
		}
		lines = append(lines, layoutLine(x, y+30*float64(i), w))
	}
	return lines
}

// rowsOf joins lines, each in a row of its own.
func rowsOf(parts ...[]lineFrame) (rows [][]lineFrame) {
	for _, f := range slices.Concat(parts...) {
		rows = append(rows, []lineFrame{f})
	}
	return rows
}

func TestReadingOrder(t *testing.T) {
	header, footer := []lineFrame{layoutLine(0, 0, 900)}, []lineFrame{layoutLine(100, 500, 700)}
	receipt := [][]lineFrame{}
	for i := range 6 {
		y := 30 * float64(i)
		receipt = append(receipt, []lineFrame{layoutLine(0, y, 200), layoutLine(400, y+3, 60)})
	}
	tests := map[string][][]lineFrame{ // as they are read
		"nothing":                             nil,
		"a line":                              rowsOf(header),
		"a paragraph":                         rowsOf(paragraph(50, 50, 500, 6)),
		"two in a row":                        {{layoutLine(0, 4, 100), layoutLine(120, 0, 100), layoutLine(300, 6, 50)}, {layoutLine(0, 30, 300)}},
		"a receipt":                           receipt,
		"two columns":                         rowsOf(paragraph(0, 0, 400, 8), paragraph(440, 0, 400, 8)),
		"three columns":                       rowsOf(paragraph(0, 0, 300, 8), paragraph(330, 0, 300, 8), paragraph(660, 0, 300, 8)),
		"columns of other leading and length": rowsOf(paragraph(0, 0, 400, 4), paragraph(440, 7, 400, 9)),
		"columns between lines across both": rowsOf(
			header, paragraph(0, 60, 400, 8), paragraph(440, 55, 400, 8), footer),
		"columns twice": rowsOf(
			paragraph(0, 0, 400, 5), paragraph(440, 0, 400, 5), []lineFrame{layoutLine(0, 200, 840)},
			paragraph(0, 240, 400, 5), paragraph(440, 240, 400, 5)),
	}
	rng := rand.New(rand.NewPCG(6, 6))
	for name, rows := range tests {
		t.Run(name, func(t *testing.T) {
			for _, degrees := range []float64{0, 3, -8, 90, 180, 223} {
				checkOrder(t, rng, rows, degrees)
			}
		})
	}
}

// checkOrder turns a page, shuffles its lines and wants them in order again.
func checkOrder(t *testing.T, rng *rand.Rand, rows [][]lineFrame, degrees float64) {
	t.Helper()
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	turn := func(p Point) Point { return Point{p.X*cos - p.Y*sin, p.X*sin + p.Y*cos} }
	lines := slices.Concat(rows...)
	frames, where := make([]lineFrame, len(lines)), rng.Perm(len(lines))
	for i, f := range lines {
		frames[where[i]] = lineFrame{turn(f.at), turn(f.along), turn(f.down)}
	}
	var want [][]int
	for i := 0; i < len(lines); {
		var row []int
		for range rows[len(want)] {
			row = append(row, where[i])
			i++
		}
		want = append(want, row)
	}
	require.Equal(t, want, readingRows(frames), "%v degrees", degrees)
}

func TestEveryLineIsReadOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 6))
	for range 300 {
		frames := make([]lineFrame, rng.IntN(40))
		for i := range frames {
			sin, cos := math.Sincos(rng.NormFloat64())
			w, h := 5+300*rng.Float64(), 5+20*rng.Float64()
			frames[i] = lineFrame{Point{900 * rng.Float64(), 500 * rng.Float64()}, Point{w * cos, w * sin}, Point{-h * sin, h * cos}}
		}
		got := slices.Concat(readingRows(frames)...)
		require.Len(t, got, len(frames))
		slices.Sort(got)
		for i, index := range got {
			require.Equal(t, i, index)
		}
	}
}
