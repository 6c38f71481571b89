//go:build !race

package hnsw_test

// scale divides the sizes of tests.
const scale = 1
