package terminal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/terminal"
)

func TestAFileIsNoTerminal(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer f.Close()
	require.False(t, terminal.Is(f))
	require.False(t, terminal.Is(new(strings.Builder)))
	b := terminal.NewBar(f)
	b.Start(2)
	b.Step(1, "one")
	b.Stop()
	info, err := f.Stat()
	require.NoError(t, err)
	require.Zero(t, info.Size(), "nobody looks")
}

func TestABarShowsTheShare(t *testing.T) {
	var out strings.Builder
	b := terminal.BarOn(&out)
	b.Start(4)
	b.Step(2, "notes.txt")
	b.Step(1, "too soon to be drawn")
	b.Stop()
	require.Equal(t, terminal.Clear+strings.Repeat("█", 15)+strings.Repeat(" ", 15)+" 2/4 notes.txt"+terminal.Clear, out.String())
}
