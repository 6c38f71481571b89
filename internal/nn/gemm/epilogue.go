package gemm

import "fmt"

// Epilogue says what happens to a sum before it is stored:
//
//	dst = clamp(sum + Bias + Add (+ dst))
//
// The zero value stores the sum.
type Epilogue struct {
	Bias []float32 // one per column, or output channel; nil: none

	// Add has an element for every element of dst, rows (pixels) AddStride
	// floats apart; nil: none. It may be dst itself.
	Add       []float32
	AddStride int

	Accumulate bool // adds what dst holds

	Clamp  bool    // Lo and Hi count: Relu is 0 and +Inf. NaN stays NaN.
	Lo, Hi float32 // Lo <= Hi
}

// check panics unless Bias has n elements and Add has m rows of n.
func (e *Epilogue) check(m, n int) {
	if e.Bias != nil && len(e.Bias) < n {
		panic(fmt.Sprintf("gemm: %d biases for %d columns", len(e.Bias), n))
	}
	if e.Add != nil {
		checkMatrix("add", len(e.Add), m, n, e.AddStride)
	}
}

// checkMatrix panics unless m rows of n floats, stride apart, lie in size floats.
func checkMatrix(name string, size, m, n, stride int) {
	if m <= 0 || n <= 0 {
		return
	}
	if stride < 0 || n > size || (stride > 0 && (size-n)/stride < m-1) {
		panic(fmt.Sprintf("gemm: %s: %d rows of %d floats at stride %d in %d", name, m, n, stride, size))
	}
}
