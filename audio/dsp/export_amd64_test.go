//go:build !purego

package dsp

// Generic turns the assembly off until restore is called.
func Generic() (restore func()) {
	before := useAVX2
	useAVX2 = false
	return func() { useAVX2 = before }
}
