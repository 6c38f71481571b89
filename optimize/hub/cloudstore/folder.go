package cloudstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/hub"
)

// PutDir stores the files of a folder below prefix, and their manifest last. Hidden
// files and folders are left out, and links to elsewhere are an error. What is put
// should get a prefix of its own, with a version in it: who fetches while a folder is
// replaced gets an error.
func (s *Store) PutDir(ctx context.Context, prefix, dir string) (hub.Manifest, error) {
	if err := checkKey(prefix); err != nil {
		return hub.Manifest{}, err
	}
	m, err := s.putDir(ctx, prefix, dir)
	if err != nil {
		return hub.Manifest{}, s.explain(prefix, err)
	}
	return m, nil
}

func (s *Store) putDir(ctx context.Context, prefix, dir string) (hub.Manifest, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return hub.Manifest{}, err
	}
	defer root.Close()
	m := hub.Manifest{Repo: prefix, Revision: "folder", Files: []hub.File{}}
	sum, err := survey(root, &m)
	if err != nil {
		return hub.Manifest{}, err
	}
	if sum > s.opt.MaxBytes {
		return hub.Manifest{}, fmt.Errorf("folder has %d bytes, limit %d: %w", sum, s.opt.MaxBytes, quintet.ErrInput)
	}
	meter := newMeter(s.opt.Progress, len(m.Files), sum)
	for i, f := range m.Files {
		o, err := s.putBelow(ctx, root, prefix, f.Name, meter)
		if err != nil {
			return hub.Manifest{}, fmt.Errorf("%s: %w", f.Name, err)
		}
		m.Files[i].Size, m.Files[i].SHA256 = o.Size, o.SHA256
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return hub.Manifest{}, err
	}
	_, err = s.Put(ctx, path.Join(prefix, hub.ManifestName), append(data, '\n'), PutOptions{ContentType: "application/json"})
	return m, err
}

// survey lists the files below root in order of their names, and adds up their sizes.
func survey(root *os.Root, m *hub.Manifest) (sum int64, err error) {
	err = fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir() || name == hub.ManifestName:
			return nil
		}
		info, err := root.Stat(name)
		if err != nil {
			return err
		}
		sum += info.Size()
		m.Files = append(m.Files, hub.File{Name: name, Size: info.Size()})
		return checkKey(name)
	})
	slices.SortFunc(m.Files, func(a, b hub.File) int { return strings.Compare(a.Name, b.Name) })
	return sum, err
}

func (s *Store) putBelow(ctx context.Context, root *os.Root, prefix, name string, m *meter) (Object, error) {
	f, err := root.Open(name)
	if err != nil {
		return Object{}, err
	}
	defer f.Close()
	key := path.Join(prefix, name)
	if err := checkKey(key); err != nil {
		return Object{}, err
	}
	return s.putFile(ctx, key, f, PutOptions{}, m)
}

// FetchDir brings a folder that [Store.PutDir] stored to a local one, which is made if it
// is not there; files that are there already are not fetched again. The local manifest
// is written last, so that [hub.Open] and [hub.Verify] know whether the folder is
// whole. One without a manifest in the bucket is [ErrNotFound], one that differs from
// its manifest [quintet.ErrModel].
func (s *Store) FetchDir(ctx context.Context, prefix, dir string) (hub.Manifest, error) {
	if err := checkKey(prefix); err != nil {
		return hub.Manifest{}, err
	}
	m, err := s.fetchDir(ctx, prefix, dir)
	if err != nil {
		return hub.Manifest{}, s.explain(prefix, err)
	}
	return m, nil
}

func (s *Store) fetchDir(ctx context.Context, prefix, dir string) (hub.Manifest, error) {
	data, _, err := s.Get(ctx, path.Join(prefix, hub.ManifestName))
	if err != nil {
		return hub.Manifest{}, err
	}
	m, sum, err := parse(data)
	if err != nil {
		return hub.Manifest{}, err
	}
	if sum > s.opt.MaxBytes {
		return hub.Manifest{}, fmt.Errorf("folder has %d bytes, limit %d: %w", sum, s.opt.MaxBytes, quintet.ErrModel)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return hub.Manifest{}, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return hub.Manifest{}, err
	}
	defer root.Close()
	meter := newMeter(s.opt.Progress, len(m.Files), sum)
	for _, f := range m.Files {
		if err := root.MkdirAll(path.Dir(f.Name), 0o755); err != nil {
			return hub.Manifest{}, err
		}
		if _, err := s.fetch(ctx, path.Join(prefix, f.Name), root, f.Name, f.SHA256, f.Size, meter); err != nil {
			return hub.Manifest{}, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	p, err := newPart(root, hub.ManifestName)
	if err != nil {
		return hub.Manifest{}, err
	}
	if _, err := p.Write(data); err != nil {
		return hub.Manifest{}, errors.Join(err, p.remove())
	}
	return m, p.commit()
}

// parse reads a manifest that anybody may have written.
func parse(data []byte) (m hub.Manifest, sum int64, err error) {
	if err := json.Unmarshal(data, &m); err != nil {
		return hub.Manifest{}, 0, fmt.Errorf("%s: %w: %w", hub.ManifestName, err, quintet.ErrModel)
	}
	names := make(map[string]bool, len(m.Files))
	for _, f := range m.Files {
		if checkKey(f.Name) != nil || names[f.Name] || f.Name == hub.ManifestName || f.Size < 0 || !isSHA256(f.SHA256) ||
			sum+f.Size < sum {
			return hub.Manifest{}, 0, fmt.Errorf("%s: name, size or digest of %.100q: %w", hub.ManifestName, f.Name, quintet.ErrModel)
		}
		names[f.Name] = true
		sum += f.Size
	}
	return m, sum, nil
}

// DeleteDir removes all objects below prefix, the manifest first, and returns how many
// there were. None is no error.
func (s *Store) DeleteDir(ctx context.Context, prefix string) (n int, err error) {
	if err := checkKey(prefix); err != nil {
		return 0, err
	}
	remove := func(key string) error {
		err := s.Delete(ctx, key)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	}
	first := path.Join(prefix, hub.ManifestName)
	if _, err := s.Stat(ctx, first); err == nil {
		if err := remove(first); err != nil {
			return 0, err
		}
		n++
	} else if !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	var keys []string // listed before, because what is removed while it is listed may hide others
	for o, err := range s.List(ctx, prefix+"/") {
		if err != nil {
			return n, err
		}
		keys = append(keys, o.Key)
	}
	for _, key := range keys {
		if err := remove(key); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
