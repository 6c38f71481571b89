package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheCommittedAssemblyIsWhatThisProgramWrites(t *testing.T) {
	for name, text := range files() {
		committed, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		require.True(t, string(text) == string(committed), "%s is stale: run go generate in internal/nn/gemm", name)
	}
}
