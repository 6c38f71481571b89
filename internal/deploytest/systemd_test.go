package deploytest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unit writes the unit of a role, for the program that the test built.
func unit(t *testing.T) (analyze, path string) {
	t.Helper()
	analyze = program(t, "systemd-analyze", "systemd")
	text := strings.ReplaceAll(read(t, "systemd/quintetd@.service"), "/usr/local/bin/quintetd", quintetd(t))
	path = filepath.Join(t.TempDir(), "quintetd@all.service")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return analyze, path
}

func TestUnitIsUnderstood(t *testing.T) {
	analyze, path := unit(t)
	out, err := exec.Command(analyze, "verify", "--man=no", path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.NotContains(t, string(out), "Unknown")
}

func TestUnitExposesLittle(t *testing.T) {
	analyze, path := unit(t)
	out, err := exec.Command(analyze, "security", "--offline=true", "--no-pager", path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	m := regexp.MustCompile(`exposure level for \S+: ([0-9.]+)`).FindSubmatch(out)
	require.NotNil(t, m, "%s", out)
	level, err := strconv.ParseFloat(string(m[1]), 64)
	require.NoError(t, err)
	require.LessOrEqual(t, level, 2.0, "of 10: %s", out)
}
