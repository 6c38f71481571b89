//go:build !amd64 || purego

package dsp

// Generic changes nothing where there is no assembly.
func Generic() (restore func()) { return func() {} }
