package recurrent_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/recurrent"
	"github.com/quintet-ai/quintet/internal/nn/optest"
)

// Nothing is refused.
func TestConformance(t *testing.T) {
	passed := optest.Conformance(t, op.Domains{"": recurrent.Table}, "LSTM", "GRU", "RNN")
	require.Len(t, passed, 12)
}
