//go:build !purego

package gemm

func winogradRuns() bool { return useAssembly }

func (t *tileIn) run() {
	if useAssembly {
		winogradIn(t)
		return
	}
	t.generic()
}

func (t *tileOut) run() {
	if useAssembly {
		winogradOut(t)
		return
	}
	t.generic()
}

//go:noescape
func winogradIn(t *tileIn)

//go:noescape
func winogradOut(t *tileOut)
