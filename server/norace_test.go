//go:build !race

package server_test

// raceEnabled tells tests of load that the race detector would spoil what they measure.
const raceEnabled = false
