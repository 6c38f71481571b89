package gemm

// useAssembly is false where there is no assembly or the processor cannot run
// it. Only [Generic] changes it.
var useAssembly = assemblyRuns()

// Kernels names the kernels in use.
func Kernels() string {
	if useAssembly {
		return assemblyName + " kernels"
	}
	return "pure Go kernels"
}

// Generic turns the assembly off until restore is called. It is for tests and
// reports that compare both on one machine, and not safe beside any other user
// of the package.
func Generic() (restore func()) {
	before := useAssembly
	useAssembly = false
	return func() { useAssembly = before }
}

// call computes t.tiles tiles of so many rows.
func (t *tile) call(rows int) {
	if useAssembly {
		t.assembly(rows)
	} else {
		t.generic(rows)
	}
}

// call computes s.strips runs of so many pixels.
func (s *strip) call(pixels int) {
	if useAssembly && s.rows > 0 && s.cols > 0 {
		s.assembly(pixels)
	} else {
		s.generic(pixels)
	}
}
