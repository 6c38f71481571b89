//go:build !purego

package vec

const assemblyName = "NEON"

// Every processor that Go's arm64 port supports has NEON.
func assemblyRuns() bool { return true }

// transposeRows is the number of rows that transposeAsm takes, and the number of
// columns of a block.
const transposeRows = 4
