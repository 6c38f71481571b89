package vector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet/internal/wal"
)

const (
	tenantFile    = "tenant" // holds the name of a tenant whose directory is a hash
	droppedPrefix = "drop-"  // of directories that wait to be deleted
)

// openTenantsDir makes and locks a directory and deletes what a crash left of
// dropped tenants.
func openTenantsDir(dir string) (lock io.Closer, err error) {
	var disk wal.OS
	if err := disk.MkdirAll(dir); err != nil {
		return nil, err
	}
	_ = disk.SyncDir(filepath.Dir(dir)) // makes a new directory last, if the parent can be read
	if lock, err = disk.Lock(filepath.Join(dir, "lock")); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if err == nil && e.IsDir() && strings.HasPrefix(e.Name(), droppedPrefix) {
			err = os.RemoveAll(filepath.Join(dir, e.Name()))
		}
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// prepareDir returns the directory of a tenant. One that does not tell the name has
// the file that does before it has any items.
func (t *Tenants[K]) prepareDir(name string) (string, error) {
	base := tenantDir(name)
	dir := filepath.Join(t.dir, base)
	if strings.HasPrefix(base, plainTenant) {
		return dir, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	have, err := os.ReadFile(filepath.Join(dir, tenantFile))
	if err == nil && string(have) == name {
		return dir, nil
	}
	return dir, writeTenantFile(dir, name)
}

// writeTenantFile makes the file under another name, so that it is never half there.
func writeTenantFile(dir, name string) error {
	var disk wal.OS
	path := filepath.Join(dir, tenantFile)
	f, err := disk.Create(path + ".tmp")
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(name), 0)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := disk.Rename(path+".tmp", path); err != nil {
		return err
	}
	return disk.SyncDir(dir)
}

// names is Names.
func (t *Tenants[K]) names(ctx context.Context) ([]string, error) {
	if t.dir == "" {
		return t.namesInMemory(), nil
	}
	entries, err := os.ReadDir(t.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !e.IsDir() {
			continue
		}
		name, ok, err := t.nameOf(e.Name())
		if err != nil {
			return nil, err
		}
		if ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// namesInMemory leaves out names that are only claimed.
func (t *Tenants[K]) namesInMemory() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	names := slices.Sorted(maps.Keys(t.tenants))
	return slices.DeleteFunc(names, func(name string) bool { return t.tenants[name].opened == nil })
}

// nameOf returns whose a directory is, if it is a tenant's. One that was to tell by
// its file, but has none, is what a crash left before there were any items.
func (t *Tenants[K]) nameOf(base string) (name string, ok bool, err error) {
	if !strings.HasPrefix(base, hashedTenant) {
		name, ok = tenantOf(base)
		return name, ok, nil
	}
	path := filepath.Join(t.dir, base, tenantFile)
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", false, nil
	case err != nil:
		return "", false, err
	case tenantDir(string(b)) != base:
		return "", false, &CorruptError{File: path, Err: errors.New("name does not have the hash of its directory")}
	}
	return string(b), true, nil
}

// discard deletes the directory of a tenant that is not open, and reports whether it
// was there. Renaming it first takes all of it away at one moment.
func (t *Tenants[K]) discard(name string) (bool, error) {
	var disk wal.OS
	away := filepath.Join(t.dir, fmt.Sprint(droppedPrefix, t.nextTrash()))
	err := disk.Rename(filepath.Join(t.dir, tenantDir(name)), away)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, errors.Join(disk.SyncDir(t.dir), os.RemoveAll(away))
}

func (t *Tenants[K]) nextTrash() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trash++
	return t.trash
}
