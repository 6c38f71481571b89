//go:build !race

package text

// RaceEnabled tells tests that the race detector slows them down.
const RaceEnabled = false
