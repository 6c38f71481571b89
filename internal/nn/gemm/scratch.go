package gemm

// Scratch is the working memory of convolutions. The zero value is ready; it
// grows to what the largest convolution needs and is kept for the next. Only one
// call may use it at a time.
type Scratch struct {
	rows []int32   // places of a chunk's rows, see tile
	taps []int32   // distance of each tap from a pixel's first
	zero []float32 // only ever zeros
	stem []float32 // padded rows

	tiles []float32 // of minimal filtering, transformed
	spill []float32 // written and never read
}

// grow returns s with at least n elements, whatever they are.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
