package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
)

// MemoryKeys is a [KeyStore] that ends with the process.
type MemoryKeys struct {
	mu   sync.RWMutex
	byID map[string]APIKey
}

var _ KeyStore = (*MemoryKeys)(nil)

// NewMemoryKeys returns an empty store.
func NewMemoryKeys() *MemoryKeys { return &MemoryKeys{byID: map[string]APIKey{}} }

// Load implements [KeyStore].
func (m *MemoryKeys) Load(_ context.Context, id string) (APIKey, bool, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	k, ok := m.byID[id]
	return k, ok, nil
}

// Save implements [KeyStore].
func (m *MemoryKeys) Save(_ context.Context, k APIKey) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byID[k.ID] = k
	return nil
}

// Delete implements [KeyStore].
func (m *MemoryKeys) Delete(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.byID, id)
	return nil
}

// List implements [KeyStore].
func (m *MemoryKeys) List(context.Context) ([]APIKey, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Collect(maps.Values(m.byID)), nil
}

// FileKeys is a [KeyStore] in a JSON file that people can read: a list of keys. Each
// change writes the file anew under another name, syncs it and renames it, so that a
// crash leaves the old file or the new one.
type FileKeys struct {
	path string
	lock io.Closer

	mu   sync.Mutex // over a change and its file; taken before that of keys
	keys *MemoryKeys
	shut bool
}

var _ KeyStore = (*FileKeys)(nil)

// OpenFileKeys opens the store in a file, which need not be there yet; its folder
// must. The file is this process's alone until [FileKeys.Close]: if another has it,
// the error wraps [quintet.ErrBusy]. A file that holds no keys is [quintet.ErrInput].
func OpenFileKeys(path string) (*FileKeys, error) {
	lock, err := wal.OS{}.Lock(path + ".lock")
	if err != nil {
		return nil, err
	}
	f := &FileKeys{path: path, lock: lock, keys: NewMemoryKeys()}
	if err := f.read(); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return f, nil
}

func (f *FileKeys) read() error {
	b, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var all []APIKey
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		return fmt.Errorf("file of API keys: %w: %w", err, quintet.ErrInput)
	}
	for _, k := range all {
		if _, twice := f.keys.byID[k.ID]; twice || len(k.ID) != keyIDLen || len(k.Hash) != 64 {
			return fmt.Errorf("file of API keys: ID %.40q or its hash makes no sense: %w", k.ID, quintet.ErrInput)
		}
		f.keys.byID[k.ID] = k
	}
	return nil
}

// Load implements [KeyStore]. It does not read the file.
func (f *FileKeys) Load(ctx context.Context, id string) (APIKey, bool, error) {
	return f.keys.Load(ctx, id)
}

// List implements [KeyStore]. It does not read the file.
func (f *FileKeys) List(ctx context.Context) ([]APIKey, error) { return f.keys.List(ctx) }

// Save implements [KeyStore]. After an error the key is as it was.
func (f *FileKeys) Save(_ context.Context, k APIKey) error {
	return f.edit(func(byID map[string]APIKey) { byID[k.ID] = k })
}

// Delete implements [KeyStore]. After an error the key is still there.
func (f *FileKeys) Delete(_ context.Context, id string) error {
	return f.edit(func(byID map[string]APIKey) { delete(byID, id) })
}

// edit changes a copy, writes it, and only then uses it.
func (f *FileKeys) edit(change func(byID map[string]APIKey)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shut {
		return fmt.Errorf("file of API keys: %w", quintet.ErrClosed)
	}
	byID := maps.Clone(f.keys.byID) // only this method writes it
	change(byID)
	all := make([]APIKey, 0, len(byID))
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		all = append(all, byID[id])
	}
	b, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return fmt.Errorf("file of API keys: %w: %w", err, quintet.ErrInput)
	}
	if err := replaceFile(f.path, append(b, '\n')); err != nil {
		return err
	}
	f.keys.mu.Lock()
	defer f.keys.mu.Unlock()
	f.keys.byID = byID
	return nil
}

// Close lets other processes open the file. Changes fail then with
// [quintet.ErrClosed]. Twice is harmless.
func (f *FileKeys) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shut {
		return nil
	}
	f.shut = true
	return f.lock.Close()
}

// replaceFile puts b where path is, whole or not at all, readable for the owner only.
func replaceFile(path string, b []byte) (err error) {
	t, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // with mode 0600
	if err != nil {
		return err
	}
	_, err = t.Write(b)
	if err == nil {
		err = t.Sync()
	}
	if err = errors.Join(err, t.Close()); err == nil {
		err = os.Rename(t.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(t.Name()))
	}
	return wal.OS{}.SyncDir(filepath.Dir(path))
}
