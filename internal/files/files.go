// Package files lists the files of a folder that a program is pointed at.
package files

import (
	"io/fs"
	"strings"
)

// List returns the paths of the regular files of a folder and of those in it, in
// lexical order, without hidden ones, whose names or those of whose folders begin with
// a point. Folders in it that cannot be read are left out; the error is that of the
// folder itself.
func List(folder fs.FS) (paths []string, err error) {
	err = fs.WalkDir(folder, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			if path == "." {
				return err
			}
			return fs.SkipDir
		}
		hidden := strings.HasPrefix(e.Name(), ".") && path != "."
		if hidden && e.IsDir() {
			return fs.SkipDir
		}
		if e.Type().IsRegular() && !hidden {
			paths = append(paths, path)
		}
		return nil
	})
	return paths, err
}
