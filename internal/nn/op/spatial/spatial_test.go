package spatial_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/spatial"
	"github.com/quintet-ai/quintet/internal/nn/optest"
)

func TestConformance(t *testing.T) {
	var names []string
	for name := range spatial.Table {
		names = append(names, name)
	}
	slices.Sort(names)
	passed := optest.Conformance(t, op.Domains{"": spatial.Table}, names...)
	require.Len(t, passed, 88)
}
