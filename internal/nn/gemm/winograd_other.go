//go:build !amd64 || purego

package gemm

// winogradRuns is false: without assembly for the transforms they cost more than
// the products that they save.
func winogradRuns() bool { return false }

func (t *tileIn) run()  { t.generic() }
func (t *tileOut) run() { t.generic() }
