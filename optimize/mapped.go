package optimize

import (
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/mmap"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// mappedModel is a model's file, read and, where the system can, mapped: then its
// weights are pages that the system may take away and read again.
type mappedModel struct {
	model *onnxpb.Model
	pages *mmap.Pages // nil if the file is not mapped
}

// mapModel reads a model with the data outside its file.
func mapModel(m Model) (*mappedModel, error) {
	if m.files == nil {
		return nil, errNoModel
	}
	f := new(mappedModel)
	data, err := f.read(m)
	if err != nil {
		return nil, err
	}
	if f.model, err = onnxpb.Read(data); err == nil {
		err = f.external(m)
	}
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// read returns the bytes of the file.
func (f *mappedModel) read(m Model) ([]byte, error) {
	if name := m.Path(); name != "" {
		if pages, err := mmap.Open(name); err == nil {
			f.pages = pages
			return pages.Bytes(), nil
		}
	}
	return m.Bytes()
}

// external reads the tensors whose data stands in other files.
func (f *mappedModel) external(m Model) error {
	if !tensorsOutside(f.model) {
		return nil
	}
	folder, err := m.Folder()
	if err != nil {
		return err
	}
	if folder == nil {
		return fmt.Errorf("a model in memory has no files beside it: %w", quintet.ErrModel)
	}
	return f.model.LoadExternal(folder, 0)
}

// rest tells the system that the pages are not needed for now: what is left to
// read of them, it reads again.
func (f *mappedModel) rest() {
	if f.pages != nil {
		f.pages.Rest()
	}
}

// close gives the pages back. Nobody may read the model any more.
func (f *mappedModel) close() {
	if f.pages != nil {
		f.pages.Close()
		f.pages, f.model = nil, nil
	}
}
