package elementwise_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/optest"
)

// What is refused: strings, sequences and optionals, and Dropout in training.
func TestConformance(t *testing.T) {
	names := slices.Sorted(maps.Keys(elementwise.Table))
	passed := optest.Conformance(t, op.Domains{"": elementwise.Table}, names...)
	require.Len(t, passed, 241)
}
