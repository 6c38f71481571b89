package e2e_test

import (
	"os"
	"os/exec"
	"testing"
)

// program returns the path of a program of a Debian package. Without it the test is left
// out, or fails where every program should be there.
func program(t *testing.T, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatalf("no %s: install the Debian package %s", name, pkg)
	default:
		t.Skipf("no %s: install the Debian package %s", name, pkg)
	}
	return path
}
