package optimize

// Pick shows the choice of a batch to the tests.
func Pick(t BatchTable, maxItems, maxLength, workers, busy int, lengths []int) []int {
	return (&planner{t, maxItems, maxLength, workers}).pick(lengths, busy)
}

// Split shows the grouping of RunBatch to the tests.
func Split(t BatchTable, maxItems, maxLength, workers int, lengths []int) [][]int {
	return (&planner{t, maxItems, maxLength, workers}).split(lengths)
}

// Cost is what n inputs of a padded length cost.
func Cost(t BatchTable, n, length int) float64 {
	dst := make([]float64, n+1)
	t.costs(dst, length)
	return dst[n]
}
