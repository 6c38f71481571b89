package reduce_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/reduce"
	"github.com/quintet-ai/quintet/internal/nn/optest"
)

// Nothing is refused.
func TestConformance(t *testing.T) {
	names := slices.Sorted(maps.Keys(reduce.Table))
	passed := optest.Conformance(t, op.Domains{"": reduce.Table}, names...)
	require.Len(t, passed, 159)
}
