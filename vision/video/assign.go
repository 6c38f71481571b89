package video

import "math"

// assignGroups gives each row at most one column, each column to at most one row, so that
// the sum of gain is as large as it can be; it never gives one without gain. It returns
// the column of each row, or -1. Rows and columns that gain nothing from one another, by
// whatever chain, are solved apart.
func assignGroups(gain [][]float64, columns int) []int {
	of := make([]int, len(gain))
	for k := range of {
		of[k] = -1
	}
	seenRow, seenColumn := make([]bool, len(gain)), make([]bool, columns)
	for k := range gain {
		if seenRow[k] {
			continue
		}
		seenRow[k] = true
		rows, cols := []int{k}, []int(nil)
		for at := 0; at < len(rows); at++ {
			for i, g := range gain[rows[at]] {
				if g <= 0 || seenColumn[i] {
					continue
				}
				seenColumn[i] = true
				cols = append(cols, i)
				for other := range gain {
					if gain[other][i] > 0 && !seenRow[other] {
						seenRow[other] = true
						rows = append(rows, other)
					}
				}
			}
		}
		for a, b := range assign(rows, cols, gain) {
			if b >= 0 && gain[rows[a]][cols[b]] > 0 {
				of[rows[a]] = cols[b]
			}
		}
	}
	return of
}

// assign solves one group by the Hungarian method with potentials and shortest paths
// (Kuhn 1955; Jonker and Volgenant 1987), in O(r²c) for the smaller side r: it returns for
// each row the place of its column in cols, or -1.
func assign(rows, cols []int, gain [][]float64) []int {
	cost := func(a, b int) float64 { return -gain[rows[a]][cols[b]] }
	if len(rows) <= len(cols) {
		return shortestPaths(len(rows), len(cols), cost)
	}
	of := make([]int, len(rows))
	for a := range of {
		of[a] = -1
	}
	for b, a := range shortestPaths(len(cols), len(rows), func(b, a int) float64 { return cost(a, b) }) {
		of[a] = b
	}
	return of
}

// shortestPaths gives each of n rows one of m >= n columns at the least cost. Row by row,
// it looks for the cheapest way to make room for one more: over columns that are free at
// the end, by costs that the potentials u and v keep from being negative.
func shortestPaths(n, m int, cost func(row, column int) float64) []int {
	u, v := make([]float64, n), make([]float64, m+1)
	row := make([]int, m+1) // of each column, or -1; column m is where a new row begins
	for j := range row {
		row[j] = -1
	}
	for i := range n {
		least, from := make([]float64, m), make([]int, m)
		done := make([]bool, m+1)
		for j := range least {
			least[j] = math.Inf(1)
		}
		at := m
		row[m] = i
		for row[at] >= 0 {
			done[at] = true
			next, step := -1, math.Inf(1)
			for j := range m {
				if done[j] {
					continue
				}
				if c := cost(row[at], j) - u[row[at]] - v[j]; c < least[j] {
					least[j], from[j] = c, at
				}
				if least[j] < step {
					next, step = j, least[j]
				}
			}
			for j := range m + 1 {
				switch {
				case done[j]:
					u[row[j]] += step
					v[j] -= step
				case j < m:
					least[j] -= step
				}
			}
			at = next
		}
		for at != m {
			row[at] = row[from[at]]
			at = from[at]
		}
	}
	of := make([]int, n)
	for j, i := range row[:m] {
		if i >= 0 {
			of[i] = j
		}
	}
	return of
}
