package qgemm

//go:generate go run ./gen

// useAssembly is false where there is no assembly or the processor cannot run
// it. Only [Generic] changes it.
var useAssembly = assemblyRuns()

// Kernels names the kernels in use.
func Kernels() string {
	if useAssembly {
		return assemblyName() + " kernels"
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
