package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheCommittedAssemblyIsWhatTheProgramWrites(t *testing.T) {
	want := files()
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		require.Equal(t, text, string(got), "%s: run go generate", name)
	}
	found, err := filepath.Glob("../*.s")
	require.NoError(t, err)
	require.Len(t, found, len(want))
}
