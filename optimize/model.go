package optimize

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"weak"

	"github.com/quintet-ai/quintet"
)

// Model is where the files of a model are: a directory in the Hugging Face
// layout, a single ONNX file, any [fs.FS], or bytes in memory. Nothing is read
// before somebody asks for it. A Model may be copied; the zero Model is none.
type Model struct {
	files *modelFiles
}

// modelFiles is shared by the copies of a Model.
type modelFiles struct {
	fsys fs.FS
	name string // of the ONNX file in fsys
	dir  string // of fsys on disk, "" if it is elsewhere
	data []byte // the ONNX file of a model in memory

	mu     sync.Mutex
	summed bool // digest and err are known
	digest string
	err    error
	recent weak.Pointer[byte] // the file, if somebody still holds what was read last
	length int                // of the file behind recent

	looked  bool // outside is known
	outside bool // some weights are in other files, so the digest does not tell models apart
}

// layout is where the ONNX file of a directory may be, best first.
var layout = []string{"model.onnx", "onnx/model.onnx", "encoder_model.onnx", "onnx/encoder_model.onnx"}

// OpenModel returns the model at path: a file, or a directory that holds
// model.onnx or onnx/model.onnx, or else exactly one ONNX file. A path at which
// there is none is [quintet.ErrModel].
func OpenModel(path string) (Model, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Model{}, fmt.Errorf("optimize: %w: %w", err, quintet.ErrModel)
	}
	if !info.IsDir() {
		dir, name := filepath.Split(path)
		if dir = filepath.Clean(dir); filepath.Base(dir) == "onnx" {
			dir, name = filepath.Dir(dir), "onnx/"+name // the layout's other files are above
		}
		return Model{&modelFiles{fsys: os.DirFS(dir), name: name, dir: dir}}, nil
	}
	name, err := findONNX(os.DirFS(path))
	if err != nil {
		return Model{}, fmt.Errorf("optimize: %s: %w", path, err)
	}
	return Model{&modelFiles{fsys: os.DirFS(path), name: name, dir: path}}, nil
}

// ModelFS returns the model in fsys whose ONNX file is name; "" looks for it as
// [OpenModel] does.
func ModelFS(fsys fs.FS, name string) (Model, error) {
	if name == "" {
		var err error
		if name, err = findONNX(fsys); err != nil {
			return Model{}, fmt.Errorf("optimize: %w", err)
		}
	}
	if _, err := fs.Stat(fsys, name); err != nil {
		return Model{}, fmt.Errorf("optimize: %w: %w", err, quintet.ErrModel)
	}
	return Model{&modelFiles{fsys: fsys, name: name}}, nil
}

// ModelBytes returns a model whose ONNX file is data, which it borrows.
func ModelBytes(data []byte) Model { return Model{&modelFiles{data: data}} }

func findONNX(fsys fs.FS) (string, error) {
	for _, name := range layout {
		if _, err := fs.Stat(fsys, name); err == nil {
			return name, nil
		}
	}
	found, err := fs.Glob(fsys, "*.onnx")
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %w", err, quintet.ErrModel)
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", fmt.Errorf("holds %d ONNX files (%s); name one: %w", len(found), strings.Join(found, ", "), quintet.ErrModel)
	}
	return "", fmt.Errorf("holds no %s: %w", strings.Join(layout[:2], " or "), quintet.ErrModel)
}

var errNoModel = fmt.Errorf("optimize: no model: %w", quintet.ErrModel)

// Path returns the ONNX file's path on disk, "" if it is not on disk.
func (m Model) Path() string {
	if m.files == nil || m.files.dir == "" {
		return ""
	}
	return m.files.path()
}

// path is that of the ONNX file of a model on disk.
func (f *modelFiles) path() string { return filepath.Join(f.dir, filepath.FromSlash(f.name)) }

// Bytes reads the ONNX file. The caller must not change the result.
func (m Model) Bytes() ([]byte, error) {
	switch {
	case m.files == nil:
		return nil, errNoModel
	case m.files.fsys == nil:
		return m.files.data, nil
	}
	if data := m.files.held(); data != nil {
		return data, nil
	}
	data, err := fs.ReadFile(m.files.fsys, m.files.name)
	if err != nil {
		return nil, fmt.Errorf("optimize: %w: %w", err, quintet.ErrModel)
	}
	return data, nil
}

// Folder returns the folder that the ONNX file is in, where the weights are that
// stand outside of it, nil for a model in memory. Of a model on disk, neither paths
// nor links lead out of the directory that [OpenModel] found.
func (m Model) Folder() (fs.FS, error) {
	if m.files == nil {
		return nil, errNoModel
	}
	fsys := m.files.fsys
	if m.files.dir != "" {
		fsys = confined(m.files.dir)
	}
	if fsys == nil {
		return nil, nil
	}
	sub, err := fs.Sub(fsys, path.Dir(m.files.name))
	if err != nil {
		return nil, fmt.Errorf("optimize: %w: %w", err, quintet.ErrModel)
	}
	return sub, nil
}

// confined is a folder on disk that no path or link leads out of.
type confined string

// Open implements [fs.FS]. The file stays open when the folder is closed.
func (dir confined) Open(name string) (fs.File, error) {
	root, err := os.OpenRoot(string(dir))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.FS().Open(name)
}

// File reads a file of the model's directory, such as "config.json" or
// "tokenizer.json"; of an ONNX file in a folder "onnx", the folder above is meant.
// A file that is not there is [fs.ErrNotExist] and [quintet.ErrModel].
func (m Model) File(name string) ([]byte, error) {
	if m.files == nil {
		return nil, errNoModel
	}
	if m.files.fsys == nil {
		return nil, fmt.Errorf("optimize: a model in memory has no %s: %w: %w", name, fs.ErrNotExist, quintet.ErrModel)
	}
	dir := path.Dir(m.files.name)
	if path.Base(dir) == "onnx" {
		dir = path.Dir(dir)
	}
	data, err := fs.ReadFile(m.files.fsys, path.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("optimize: %w: %w", err, quintet.ErrModel)
	}
	return data, nil
}

// Digest returns the SHA-256 of the ONNX file in hexadecimal, which says nothing
// about weights in other files. It reads the file
// once; later calls, of copies too, return the same answer, so a file must not
// change while it is in use.
func (m Model) Digest() (string, error) {
	if m.files == nil {
		return "", errNoModel
	}
	f := m.files
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.summed {
		f.digest, f.err = f.sum()
		f.summed = true
	}
	return f.digest, f.err
}

// IsZero reports whether m is the zero Model, which is none.
func (m Model) IsZero() bool { return m.files == nil }
