package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet"
)

// ManifestName is the name of the manifest in a model's directory.
const ManifestName = "quintet.manifest.json"

// maxManifest bounds what is read of a manifest or of a server's list.
const maxManifest = 16 << 20

// Manifest says what a model's directory must hold.
type Manifest struct {
	Repo     string `json:"repo"`             // such as "owner/name"
	Revision string `json:"revision"`         // as it was asked for
	Commit   string `json:"commit,omitempty"` // what the revision was then, if the server said so

	// Listed says that the files were chosen from the server's list.
	Listed bool `json:"listed,omitempty"`

	// Files are in order of their names.
	Files []File `json:"files"`
}

// File is a file of a model.
type File struct {
	Name   string `json:"name"`   // relative to the directory, with slashes
	Size   int64  `json:"size"`   // in bytes
	SHA256 string `json:"sha256"` // in hexadecimal, lower case
}

// ReadManifest reads the manifest of a model's directory. It fails with
// [fs.ErrNotExist] if there is none and with [quintet.ErrModel] if it is damaged.
func ReadManifest(dir string) (Manifest, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Manifest{}, fmt.Errorf("hub: %w: %w", err, quintet.ErrModel)
	}
	defer root.Close()
	m, err := readManifest(root, ManifestName)
	if err != nil {
		return Manifest{}, fmt.Errorf("hub: %s: %w", dir, err)
	}
	return m, nil
}

func readManifest(root *os.Root, name string) (Manifest, error) {
	f, err := root.Open(name)
	if err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", err, quintet.ErrModel)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", err, quintet.ErrModel)
	}
	return parseManifest(data)
}

// parseManifest accepts only names that stay in the directory.
func parseManifest(data []byte) (m Manifest, err error) {
	if err := json.Unmarshal(data, &m); err != nil {
		return Manifest{}, fmt.Errorf("%s: %w: %w", ManifestName, err, quintet.ErrModel)
	}
	names := make([]string, len(m.Files))
	for i, f := range m.Files {
		if f.Size < 0 || !isSHA256(f.SHA256) {
			return Manifest{}, fmt.Errorf("%s: size or digest of %q: %w", ManifestName, f.Name, quintet.ErrModel)
		}
		names[i] = f.Name
	}
	if err := checkNames(names); err != nil {
		return Manifest{}, fmt.Errorf("%s: %w: %w", ManifestName, err, quintet.ErrModel)
	}
	if m.Commit != "" && !isCommit(m.Commit) {
		return Manifest{}, fmt.Errorf("%s: commit %q: %w", ManifestName, m.Commit, quintet.ErrModel)
	}
	return m, nil
}

// isCommit reports whether s can be the name of a git commit.
func isCommit(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

// file returns what the manifest says about name.
func (m Manifest) file(name string) (File, bool) {
	i, ok := slices.BinarySearchFunc(m.Files, name, func(f File, n string) int { return strings.Compare(f.Name, n) })
	if !ok {
		return File{}, false
	}
	return m.Files[i], true
}

// put adds f or replaces what was said about it.
func (m *Manifest) put(f File) {
	m.Files = slices.DeleteFunc(m.Files, func(g File) bool { return g.Name == f.Name })
	m.Files = append(m.Files, f)
	m.sort()
}

func (m *Manifest) sort() {
	slices.SortFunc(m.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
}

// save writes m so that a crash leaves the old file or the new one.
func (m Manifest) save(root *os.Root, name string) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeAtomic(root, name, append(data, '\n'))
}

// writeAtomic replaces a file as a whole.
func writeAtomic(root *os.Root, name string, data []byte) (err error) {
	temp := private + "/new"
	f, err := root.Create(temp)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return errors.Join(err, root.Remove(temp))
	}
	return moveFile(root, temp, name)
}

// moveFile renames a synced file and makes the new name last.
func moveFile(root *os.Root, from, to string) error {
	if err := root.Rename(from, to); err != nil {
		return err
	}
	return syncDirOf(root, to)
}

// statFile returns the size of a regular file.
func statFile(root *os.Root, name string) (int64, error) {
	info, err := root.Stat(name)
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	return info.Size(), nil
}
