//go:build race

package vector_test

// scale divides the work of tests that the race detector makes slow.
const scale = 8
