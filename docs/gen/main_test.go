package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/config"
)

func TestThePagesAreFresh(t *testing.T) {
	for name, page := range pages {
		t.Run(name, func(t *testing.T) {
			want, err := page()
			require.NoError(t, err)
			got, err := os.ReadFile(filepath.Join("..", name))
			require.NoError(t, err)
			require.Equal(t, want, string(got), "run go generate ./docs/gen")
		})
	}
}

func TestEverySettingAndCodeIsThere(t *testing.T) {
	configuration, err := configurationPage()
	require.NoError(t, err)
	for _, s := range config.Settings() {
		require.Equal(t, 1, strings.Count(configuration, "| `"+s.Key+"` | `"+s.Env+"`"), s.Key)
	}
	errors, err := errorsPage()
	require.NoError(t, err)
	left := maps.Clone(advice)
	for _, c := range server.Codes() {
		require.Contains(t, errors, "| `"+c.Code+"` | ")
		delete(left, c.Code)
	}
	require.Empty(t, left, "advice about codes that there are not")
}

func TestTheFileInThePageIsGoodForProduction(t *testing.T) {
	_, file, found := strings.Cut(configurationHead, "```yaml\n")
	require.True(t, found)
	file, _, _ = strings.Cut(file, "```")
	path := filepath.Join(t.TempDir(), "config.yml")
	require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
	c, err := config.Load(config.LoadOptions{File: path, Environ: []string{
		"SECRET_KEY=Zk3vQ9pT1xWm8RcB5nLd7YhJ2sGf6UaE", "DB_PASSWORD=kP8w2Lx0",
	}})
	require.NoError(t, err)
	require.Equal(t, config.Production, c.General.Environment)
}

func TestCausesHaveTheCodesOfTheServer(t *testing.T) {
	want := map[string]string{
		"quintet.ErrInput": "`input`, 400", "quintet.ErrBusy": "`busy`, 429", "quintet.ErrClosed": "`closed`, 503",
		"quintet.ErrUnsupported": "`unsupported`, 422", "context.Canceled": "none", "auth.ErrDenied": "`unauthenticated`, 401",
	}
	for _, c := range causes {
		p, err := answered(c.err)
		require.NoError(t, err)
		if w := want[c.name]; w != "" {
			require.Equal(t, w, answer(p), c.name)
		}
	}
}
