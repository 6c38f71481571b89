package hub

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/quintet-ai/quintet"
)

// loadAny reads what an earlier fetch left: its state if it was cut, which
// includes the manifest before it, else the manifest.
func (f *fetch) loadAny() error {
	for _, name := range []string{stateName, ManifestName} {
		err := f.load(name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f.manifest = Manifest{Repo: f.repo, Revision: f.opt.Revision}
	return nil
}

// load reads a manifest and checks that it is of this repository.
func (f *fetch) load(name string) error {
	m, err := readManifest(f.root, name)
	if err != nil {
		return err
	}
	if m.Repo != f.repo || m.Revision != f.opt.Revision {
		return fmt.Errorf("directory holds %s at %s, not %s: %w", m.Repo, m.Revision, f.opt.Revision, quintet.ErrModel)
	}
	m.sort()
	f.manifest = m
	return nil
}

// wanted returns the files of this fetch with what is known about them.
func (f *fetch) wanted(ctx context.Context) ([]File, error) {
	if wanted, err := f.known(); len(wanted) > 0 || err != nil {
		return wanted, err
	}
	l, err := f.list(ctx)
	if err != nil {
		return nil, err
	}
	if f.manifest.Commit == "" {
		f.manifest.Commit = l.commit
	}
	wanted, err := l.choose()
	if err != nil {
		return nil, err
	}
	return f.pin(wanted)
}

// known returns the files of this fetch, none if a list is needed for it.
func (f *fetch) known() (wanted []File, err error) {
	switch {
	case len(f.opt.Files) > 0:
		for _, name := range f.opt.Files {
			wanted = append(wanted, File{Name: name, Size: -1})
		}
	case f.manifest.Listed:
		wanted = append(wanted, f.manifest.Files...)
	default:
		return nil, nil
	}
	return f.pin(wanted)
}

// pin puts the digests in that the files must have: the caller's, else those of
// the manifest, else what the list says.
func (f *fetch) pin(wanted []File) ([]File, error) {
	left := len(f.opt.SHA256)
	for i, w := range wanted {
		old, ok := f.manifest.file(w.Name)
		if ok {
			wanted[i] = old
		}
		sum, pinned := f.opt.SHA256[w.Name]
		if !pinned {
			continue
		}
		left--
		if sum != wanted[i].SHA256 {
			wanted[i].SHA256 = sum
			if ok {
				wanted[i].Size = -1 // it is another file than before
			}
		}
	}
	if left > 0 {
		return nil, fmt.Errorf("SHA256 names files that are not fetched: %w", quintet.ErrOption)
	}
	return wanted, nil
}

// missing returns the files that are not there.
func (f *fetch) missing(ctx context.Context, wanted []File) (missing []File, err error) {
	for _, file := range wanted {
		there, err := f.present(ctx, file)
		if err != nil {
			return nil, err
		}
		if !there {
			missing = append(missing, file)
		}
	}
	return missing, nil
}

// present reports whether a file with the wanted digest is there. A file that no
// manifest knows, as after a crash or a copy by hand, is read to see.
func (f *fetch) present(ctx context.Context, want File) (bool, error) {
	size, err := statFile(f.root, want.Name)
	if err != nil || want.Size >= 0 && size != want.Size || want.SHA256 == "" {
		return false, nil
	}
	if old, ok := f.manifest.file(want.Name); !ok || old != want || f.opt.Verify {
		got, err := digestFile(ctx, f.root, want.Name)
		if err != nil || got != want.SHA256 {
			return false, ctx.Err()
		}
		f.manifest.put(File{Name: want.Name, Size: size, SHA256: got})
	}
	f.meter.completed(want.Name, size)
	return true, nil
}
