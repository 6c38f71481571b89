package vision

import (
	"cmp"
	"math"
	"slices"
)

// lineSpan is where a line stands on a page that is turned so that lines run to the
// right: its sides, its middle and its height.
type lineSpan struct {
	index             int
	x0, x1, y, height float64
}

// readingRows returns the indexes of lines as they are read: row by row, in a row from
// its begin to its end. Where two columns of running text stand side by side, the
// first is read before the second, and lines across both before and after them.
// Which way is to the right is what most of the lines say.
func readingRows(frames []lineFrame) [][]int {
	if len(frames) == 0 {
		return nil
	}
	right := commonDirection(frames)
	down := Point{-right.Y, right.X}
	spans := make([]lineSpan, len(frames))
	for i, f := range frames {
		x, half := f.middle().dot(right), (math.Abs(f.along.dot(right))+math.Abs(f.down.dot(right)))/2
		height := math.Abs(f.along.dot(down)) + math.Abs(f.down.dot(down))
		if alongside(f.along, right) { // a small tilt of a long line does not make it high
			height = f.height()
		}
		spans[i] = lineSpan{i, x - half, x + half, f.middle().dot(down), height}
	}
	slices.SortStableFunc(spans, func(a, b lineSpan) int { return cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.x0, b.x0)) })
	return orderSpans(nil, spans)
}

// alongside reports whether a direction is within 25 degrees of another of length 1.
func alongside(d, unit Point) bool { return d.dot(unit) > 0.9*math.Hypot(d.X, d.Y) }

// commonDirection is the mean direction of the lines that go about as the longest.
func commonDirection(frames []lineFrame) Point {
	longest := slices.MaxFunc(frames, func(a, b lineFrame) int { return cmp.Compare(a.width(), b.width()) })
	unit := Point{}.plus(longest.along, 1/longest.width())
	sum := Point{}
	for _, f := range frames {
		if alongside(f.along, unit) {
			sum = sum.plus(f.along, 1)
		}
	}
	return Point{}.plus(sum, 1/math.Hypot(sum.X, sum.Y))
}

// orderSpans appends the rows of lines that are sorted from top to bottom.
func orderSpans(rows [][]int, spans []lineSpan) [][]int {
	for len(spans) > 0 {
		from, to, gap := firstColumns(spans)
		rows = plainRows(rows, spans[:from])
		if from < to {
			var left, right []lineSpan
			for _, s := range spans[from:to] {
				if s.x1 <= gap.to {
					left = append(left, s)
				} else {
					right = append(right, s)
				}
			}
			rows = orderSpans(orderSpans(rows, left), right)
		}
		spans = spans[to:]
	}
	return rows
}

// plainRows appends lines row by row. A line is in a row if its middle is less than
// half the lower one's height from that of the row's first line.
func plainRows(rows [][]int, spans []lineSpan) [][]int {
	for len(spans) > 0 {
		n := 1
		for n < len(spans) && spans[n].y-spans[0].y < min(spans[n].height, spans[0].height)/2 {
			n++
		}
		row := slices.Clone(spans[:n])
		slices.SortStableFunc(row, func(a, b lineSpan) int { return cmp.Compare(a.x0, b.x0) })
		indexes := make([]int, n)
		for i, s := range row {
			indexes[i] = s.index
		}
		rows = append(rows, indexes)
		spans = spans[n:]
	}
	return rows
}

// gutter is the empty space between two columns.
type gutter struct{ from, to float64 }

// firstColumns returns the first lines in a row that make two columns, with the gutter
// between them; from and to are the number of lines if there are none.
func firstColumns(spans []lineSpan) (from, to int, gap gutter) {
	for i, a := range spans {
		gap, ok := gapBeside(spans, a)
		if !ok {
			continue
		}
		from, to := i, i
		for to < len(spans) && gap.clear(spans[to]) {
			to++
		}
		for from > 0 && gap.clear(spans[from-1]) {
			from--
		}
		if areColumns(spans[from:to], gap) {
			return from, to, gap
		}
	}
	return len(spans), len(spans), gutter{}
}

// gapBeside returns the space between a line and the next to its right that stands
// beside it, false if there is none.
func gapBeside(spans []lineSpan, a lineSpan) (gutter, bool) {
	gap := gutter{a.x1, math.Inf(1)}
	for _, b := range spans {
		if b.x0 > a.x1 && b.x0 < gap.to && math.Abs(a.y-b.y) < (a.height+b.height)/3 {
			gap.to = b.x0
		}
	}
	return gap, !math.IsInf(gap.to, 1) && gap.to-gap.from >= a.height/2
}

// clear makes the gutter narrower where a line reaches into it, and reports whether
// that leaves enough of it; if not, it stays as it is.
func (g *gutter) clear(s lineSpan) bool {
	narrow := *g
	switch {
	case s.x0 < g.from:
		narrow.from = max(g.from, s.x1)
	case s.x1 > g.to:
		narrow.to = min(g.to, s.x0)
	default:
		return false
	}
	if narrow.to-narrow.from < s.height/2 {
		return false
	}
	*g = narrow
	return true
}

// areColumns reports whether what is left and right of a gutter is running text: three
// lines or more, on average at least eight times as long as high. A list with numbers
// beside its items is not.
func areColumns(spans []lineSpan, gap gutter) bool {
	var lines [2]int
	var length [2]float64
	for _, s := range spans {
		side := 0
		if s.x1 > gap.to {
			side = 1
		}
		lines[side]++
		length[side] += (s.x1 - s.x0) / s.height
	}
	return min(lines[0], lines[1]) >= 3 && length[0] >= 8*float64(lines[0]) && length[1] >= 8*float64(lines[1])
}
