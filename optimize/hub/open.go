package hub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// Open returns the model in dir. If dir has a manifest, every file that it names
// must be there in the right size, and if it names a single ONNX file, that is the
// model's, wherever it is; otherwise Open is [optimize.OpenModel]. It reads no
// contents; [Verify] does. A model that is not whole is [quintet.ErrModel].
func Open(dir string) (optimize.Model, error) {
	m, err := ReadManifest(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return optimize.OpenModel(dir)
	case err != nil:
		return optimize.Model{}, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return optimize.Model{}, fmt.Errorf("hub: %w: %w", err, quintet.ErrModel)
	}
	defer root.Close()
	onnx := ""
	count := 0
	for _, f := range m.Files {
		if err := f.checkSize(root); err != nil {
			return optimize.Model{}, fmt.Errorf("hub: %s: %w", dir, err)
		}
		if strings.HasSuffix(f.Name, ".onnx") {
			onnx = f.Name
			count++
		}
	}
	if count == 1 {
		dir = filepath.Join(dir, filepath.FromSlash(onnx))
	}
	return optimize.OpenModel(dir)
}

// Verify reads every file that the manifest of dir names and compares its digest.
// The first that differs is [quintet.ErrModel]. The end of ctx ends it.
func Verify(ctx context.Context, dir string) error {
	m, err := ReadManifest(dir)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("hub: %w: %w", err, quintet.ErrModel)
	}
	defer root.Close()
	for _, f := range m.Files {
		if err := f.verify(ctx, root); err != nil {
			return fmt.Errorf("hub: %s: %w", dir, err)
		}
	}
	return nil
}

func (f File) checkSize(root *os.Root) error {
	size, err := statFile(root, f.Name)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", err, quintet.ErrModel)
	case size != f.Size:
		return fmt.Errorf("%s has %d bytes, the manifest says %d: %w", f.Name, size, f.Size, quintet.ErrModel)
	}
	return nil
}

func (f File) verify(ctx context.Context, root *os.Root) error {
	if err := f.checkSize(root); err != nil {
		return err
	}
	got, err := digestFile(ctx, root, f.Name)
	if err != nil {
		return err
	}
	return checkDigest(f.Name, f.SHA256, got)
}

func checkDigest(name, want, got string) error {
	if want != got {
		return fmt.Errorf("%s: SHA-256 should be %s, is %s: %w", name, want, got, quintet.ErrModel)
	}
	return nil
}

func digestFile(ctx context.Context, root *os.Root, name string) (string, error) {
	f, err := root.Open(name)
	if err != nil {
		return "", fmt.Errorf("%w: %w", err, quintet.ErrModel)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, ctxReader{ctx, f}); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// ctxReader stops reading when ctx ends.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c ctxReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}
