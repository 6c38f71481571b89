package archtest_test

import (
	"io/fs"
	"maps"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/archtest"
)

const root = "../.."

func TestTheRepositoryKeepsEveryLaw(t *testing.T) {
	laws := map[string]func(fs.FS) []string{
		"imports flow one way":               archtest.Imports,
		"README blocks stand in an Example":  archtest.Readme,
		"packages are explained":             archtest.PackageDocs,
		"exported identifiers are explained": archtest.Docs,
		"bad habits stay out":                archtest.Habits,
		"links point somewhere":              archtest.Links,
		"names in pages exist":               archtest.Names,
	}
	for name, law := range laws {
		t.Run(name, func(t *testing.T) {
			for _, bad := range law(os.DirFS(root)) {
				t.Error(bad)
			}
		})
	}
}

// tree is a repository: the content of files by path.
type tree map[string]string

func (files tree) fs() fs.FS {
	fsys := fstest.MapFS{}
	for name, body := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(body)}
	}
	return fsys
}

// plant adds each file to the clean tree and wants exactly the given complaint;
// the clean tree itself, and every file without a complaint, keeps the law.
func plant(t *testing.T, law func(fs.FS) []string, clean tree, planted map[string]planted) {
	t.Helper()
	require.Empty(t, law(clean.fs()))
	for name, p := range planted {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(clean)
			files[p.path] = p.body
			if p.want == "" {
				require.Empty(t, law(files.fs()))
			} else {
				require.Equal(t, []string{p.want}, law(files.fs()))
			}
		})
	}
}

type planted struct{ path, body, want string }

func importing(pkg, path string) string { return "package " + pkg + "\n\nimport _ \"" + path + "\"\n" }
