package linear_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/linear"
	"github.com/quintet-ai/quintet/internal/nn/optest"
)

func TestConformance(t *testing.T) {
	var names []string
	for name := range linear.Table {
		names = append(names, name)
	}
	passed := optest.Conformance(t, op.Domains{"": linear.Table}, names...)
	require.Len(t, passed, 19)
}
