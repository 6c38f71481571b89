//go:build !race

package vector_test

const scale = 1
