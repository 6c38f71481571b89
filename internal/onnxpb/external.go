package onnxpb

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/quintet-ai/quintet"
)

// LoadExternal reads the data of all tensors that stands outside the model file
// into the model, where [Model.Append] will write it. fsys is the folder of the
// model; on disk, use [os.Root.FS], which symbolic links cannot leave. Nothing is
// allocated before the size of the file has shown that the data is there, and
// not more than maxBytes for all of them together; 0 means no limit. If it fails,
// the tensors loaded so far stay loaded.
func (m *Model) LoadExternal(fsys fs.FS, maxBytes int64) error {
	limit, err := limitOf(maxBytes)
	if err != nil {
		return err
	}
	return m.loadExternal(fsys, limit)
}

func (m *Model) loadExternal(fsys fs.FS, limit int64) error {
	x := external{fsys: fsys, left: limit}
	defer x.close()
	for t := range m.Tensors() {
		if t.Location != Outside {
			continue
		}
		if err := x.load(t); err != nil {
			return err
		}
	}
	return nil
}

// external reads from the files beside a model, keeping the last one open, since
// most models have one.
type external struct {
	fsys fs.FS
	left int64 // bytes that may still be loaded
	name string
	file fs.File
	size int64
}

func (x *external) close() {
	if x.file != nil {
		x.file.Close() // only read from: nothing can be lost
		x.file = nil
	}
}

func (x *external) load(t *Tensor) error {
	e, err := t.Extent()
	if err != nil {
		return err
	}
	if err := x.open(e.File); err != nil {
		return t.unreadable(e.File, err)
	}
	switch {
	case e.Offset > x.size || e.Length > x.size-e.Offset:
		return t.wrong("external file %s has %d bytes, want %d from %d on", e.File, x.size, e.Length, e.Offset)
	case e.Length > x.left:
		return t.wrong("external data of %d bytes, of the limit %d bytes are left", e.Length, x.left)
	}
	data := make([]byte, e.Length)
	if err := x.readAt(data, e.Offset); err != nil {
		return t.unreadable(e.File, err)
	}
	x.left -= e.Length
	t.Raw, t.Location, t.External = data, Inside, nil
	return nil
}

// unreadable keeps the error of the operating system beside ours.
func (t *Tensor) unreadable(file string, err error) error {
	err = fmt.Errorf("external file %s: %w: %w", file, err, quintet.ErrModel)
	return &Error{Path: "tensor " + t.Name, Offset: -1, Err: err}
}

// open opens the named file unless it is the one that is open. It must be a
// regular file: opening a pipe could wait for ever.
func (x *external) open(name string) error {
	if x.file != nil && x.name == name {
		return nil
	}
	x.close()
	info, err := fs.Stat(x.fsys, name)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("is no regular file")
	}
	f, err := x.fsys.Open(name)
	if err != nil {
		return err
	}
	x.name, x.file, x.size = name, f, info.Size()
	return nil
}

// readAt fills data from the open file.
func (x *external) readAt(data []byte, offset int64) error {
	if r, ok := x.file.(io.ReaderAt); ok {
		_, err := io.ReadFull(io.NewSectionReader(r, offset, int64(len(data))), data)
		return err
	}
	f := x.file // read to the end of the tensor, then it is used up
	x.file = nil
	defer f.Close()
	if _, err := io.CopyN(io.Discard, f, offset); err != nil {
		return err
	}
	_, err := io.ReadFull(f, data)
	return err
}
