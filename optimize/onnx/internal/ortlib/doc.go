// Package ortlib finds the shared library of ONNX Runtime and tells its version
// and architecture from the file alone, without loading it.
//
//	lib, err := ortlib.Here(path, false).Find()
//
// It is pure Go and works the same on every platform, so all of it can be tested
// on one: [Inspect] reads ELF, Mach-O and PE files wherever it runs.
//
// # Limits
//
// A library whose file carries no version counts as fitting; loading it will
// show. The linker's cache file is not read, but its configuration is.
package ortlib
