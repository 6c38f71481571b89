//go:build !race && !purego

package vision_test

// slowBuild tells evaluations that models run several times slower.
const slowBuild = false
