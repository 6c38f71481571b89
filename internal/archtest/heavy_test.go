package archtest_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/archtest"
)

func TestAProgramThatImportsTextStaysLight(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	const program = `package main

import "github.com/quintet-ai/quintet/text"

func main() {
	if _, err := text.New(text.Options{}); err != nil {
		panic(err)
	}
}
`
	bad, err := archtest.Heavy(t.Context(), root, t.TempDir(), program)
	require.NoError(t, err)
	require.Empty(t, bad)
}

func TestHeavy(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	programs := map[string]struct{ imports, want string }{
		"pictures": {"image/png", "links image"},
		"HTTP":     {"net/http", "links net/http"},
		"a foreign module": {"github.com/stretchr/testify/require",
			"links github.com/stretchr/testify/require of module github.com/stretchr/testify"},
		"nothing heavy": {"encoding/json", ""},
	}
	for name, p := range programs {
		t.Run(name, func(t *testing.T) {
			program := importing("main", archtest.Module) + "\nimport _ \"" + p.imports + "\"\n\nfunc main() {}\n"
			bad, err := archtest.Heavy(t.Context(), root, t.TempDir(), program)
			require.NoError(t, err)
			if p.want == "" {
				require.Empty(t, bad)
			} else {
				require.Contains(t, bad, p.want)
			}
		})
	}
	_, err := archtest.Heavy(t.Context(), root, t.TempDir(), importing("main", "nowhere"))
	require.ErrorContains(t, err, "nowhere")
	_, err = archtest.Heavy(t.Context(), t.TempDir(), t.TempDir(), "package main")
	require.ErrorContains(t, err, "go.sum")
}
