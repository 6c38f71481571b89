//go:build !amd64 || purego

package fft

// Generic changes nothing where there is no assembly.
func Generic() (restore func()) { return func() {} }
