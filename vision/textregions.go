package vision

// textRun is a run of pixels in a row, from x0 up to and without x1.
type textRun struct{ y, x0, x1 int }

// textRegions returns the regions of the pixels that are above a threshold, in a map
// of rows of w pixels. Pixels that touch at a side or a corner are in one region. A
// region is its runs from top to bottom, in a row from left to right; the regions are
// in the order of their first runs. Time grows with the map.
func textRegions(m []float32, w int, threshold float32) [][]textRun {
	var runs []textRun
	var parent []int // of each run, a run of the same region; itself if it is the first
	above := 0       // the first run of the row above
	for y := range len(m) / w {
		begin := len(runs)
		runs = appendRuns(runs, m[y*w:][:w], y, threshold)
		up := above
		for i := begin; i < len(runs); i++ {
			parent = append(parent, i)
			for up < begin && runs[up].x1 < runs[i].x0 {
				up++
			}
			for k := up; k < begin && runs[k].x0 <= runs[i].x1; k++ {
				joinRuns(parent, k, i)
			}
		}
		above = begin
	}
	return gatherRuns(runs, parent)
}

func appendRuns(runs []textRun, row []float32, y int, threshold float32) []textRun {
	for x := 0; x < len(row); x++ {
		if !(row[x] > threshold) { // nor NaN
			continue
		}
		from := x
		for x < len(row) && row[x] > threshold {
			x++
		}
		runs = append(runs, textRun{y, from, x})
	}
	return runs
}

// firstRun follows the parents of a run to the first of its region and shortens the
// way for the next time.
func firstRun(parent []int, i int) int {
	for parent[i] != i {
		parent[i] = parent[parent[i]]
		i = parent[i]
	}
	return i
}

func joinRuns(parent []int, a, b int) {
	a, b = firstRun(parent, a), firstRun(parent, b)
	parent[max(a, b)] = min(a, b)
}

func gatherRuns(runs []textRun, parent []int) [][]textRun {
	region := make([]int, len(runs)) // of each first run
	var regions [][]textRun
	for i, run := range runs {
		first := firstRun(parent, i)
		if first == i {
			region[i] = len(regions)
			regions = append(regions, nil)
		}
		regions[region[first]] = append(regions[region[first]], run)
	}
	return regions
}
