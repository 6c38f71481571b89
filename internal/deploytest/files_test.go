package deploytest_test

import (
	"debug/elf"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// read returns a file of the folder deployment.
func read(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(deployment, name))
	require.NoError(t, err)
	return string(body)
}

func TestEveryFileSaysWhatWasNotRun(t *testing.T) {
	require.NoError(t, filepath.WalkDir(deployment, func(path string, d os.DirEntry, err error) error {
		require.NoError(t, err)
		if d.IsDir() && (d.Name() == "secrets" || d.Name() == "tls") {
			return filepath.SkipDir
		}
		if d.IsDir() || d.Name() == ".gitignore" {
			return nil
		}
		body, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Regexp(t, `(?i)tested|not run|was not run|promtool test rules`, string(body[:min(len(body), 1600)]), path)
		return nil
	}))
}

func TestImageRunsAsNobodyAndItsProgramIsStatic(t *testing.T) {
	file := read(t, "Dockerfile")
	known := regexp.MustCompile(`^(FROM|WORKDIR|COPY|RUN|ENV|USER|VOLUME|EXPOSE|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT|CMD) `)
	user := ""
	for line := range strings.Lines(strings.ReplaceAll(file, "\\\n", " ")) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		require.Regexp(t, known, line)
		if stage, ok := strings.CutPrefix(line, "FROM "); ok {
			user = ""
			require.NotContains(t, stage, "latest")
		}
		if u, ok := strings.CutPrefix(line, "USER "); ok {
			user = u
		}
	}
	uid, _, _ := strings.Cut(user, ":")
	n, err := strconv.Atoi(uid)
	require.NoError(t, err, "a number, so that runAsNonRoot can tell")
	require.Positive(t, n)
	require.Contains(t, file, buildCommand)
	f, err := elf.Open(quintetd(t))
	require.NoError(t, err)
	defer f.Close()
	require.Nil(t, f.Section(".interp"), "it needs a loader")
	libs, err := f.ImportedLibraries()
	require.NoError(t, err)
	require.Empty(t, libs)
}
