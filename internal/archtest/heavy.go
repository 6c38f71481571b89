package archtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// light are the modules that a program may link by importing the text domain.
var light = []string{
	Module,
	"golang.org/x/sys",
	"github.com/hashicorp/golang-lru/v2",
	"github.com/clipperhouse/uax29/v2",
	"golang.org/x/text",
	"github.com/cenkalti/backoff/v5",
	"github.com/sony/gobreaker/v2",
}

// heavy are packages of the standard library that it must not link.
var heavy = []string{"net/http", "image", "database/sql", "runtime/cgo"}

// Heavy is the law that the core stays light: a program that imports only the
// text domain links none but a few small modules, no HTTP, no pictures and,
// with CGO_ENABLED=0, no C. It makes a module with the given main.go in dir,
// points it at the repository root and asks the go command what it links.
func Heavy(ctx context.Context, root, dir, program string) (bad []string, err error) {
	root, err = filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		return nil, err
	}
	mod := fmt.Sprintf("module light\n\ngo 1.26.0\n\nrequire %s v0.0.0\n\nreplace %[1]s => %q\n", Module, root)
	for name, body := range map[string]string{"go.mod": mod, "go.sum": string(sums), "main.go": program} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o644); err != nil {
			return nil, err
		}
	}
	const line = "{{.ImportPath}} {{with .Module}}{{.Path}}{{end}}"
	list := exec.CommandContext(ctx, "go", "list", "-deps", "-f", line, ".")
	list.Dir = dir
	list.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=mod")
	var complaint strings.Builder
	list.Stderr = &complaint
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("archtest: go list: %w\n%s", err, complaint.String())
	}
	for l := range strings.Lines(string(out)) {
		pkg, module, _ := strings.Cut(strings.TrimSpace(l), " ")
		switch {
		case module == "" && slices.Contains(heavy, pkg):
			bad = append(bad, "links "+pkg)
		case module != "" && module != "light" && !slices.Contains(light, module):
			bad = append(bad, fmt.Sprintf("links %s of module %s", pkg, module))
		}
	}
	return bad, nil
}
