//go:build race

package postings_test

// scale divides the sizes of tests.
const scale = 5
