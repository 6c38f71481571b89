//go:build !purego

package simd

const assemblyName = "NEON"

// Every processor that Go's arm64 port supports has NEON.
func assemblyRuns() bool { return true }
