package optimize

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"unsafe"
	"weak"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/mmap"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// sum reads the file to its end but does not keep it.
func (f *modelFiles) sum() (string, error) {
	var r io.Reader = bytes.NewReader(f.data)
	if f.fsys != nil {
		file, err := f.fsys.Open(f.name)
		if err != nil {
			return "", fmt.Errorf("optimize: %w: %w", err, quintet.ErrModel)
		}
		defer file.Close()
		r = file
	}
	h := sha256.New()
	n, err := io.Copy(h, r)
	return digestOf(h, n, err)
}

func digestOf(h hash.Hash, n int64, err error) (string, error) {
	if err == nil && n == 0 {
		err = errors.New("the model is empty")
	}
	if err != nil {
		return "", fmt.Errorf("optimize: %w: %w", err, quintet.ErrModel)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// read is Digest for those who load the model next: as long as they keep the file
// that it returns, [Model.Bytes] need not read it again. The file is nil if
// everything was known, or if it can be mapped: then its pages are those that a
// backend finds in memory when it reads or maps the file next.
func (f *modelFiles) read() (data []byte, digest string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.summed && (f.looked || f.err != nil) {
		return nil, f.digest, f.err
	}
	if f.dir != "" {
		if pages, err := mmap.Open(f.path()); err == nil {
			defer pages.Close()
			f.learn(pages.Bytes())
			return nil, f.digest, f.err
		}
	}
	if data = f.data; f.fsys != nil {
		if data, err = fs.ReadFile(f.fsys, f.name); err != nil {
			return nil, "", fmt.Errorf("optimize: %w: %w", err, quintet.ErrModel)
		}
	}
	f.learn(data)
	if f.err == nil {
		f.recent, f.length = weak.Make(unsafe.SliceData(data)), len(data)
	}
	return data, f.digest, f.err
}

// learn finds out what is to be known of the file. The caller holds the lock.
func (f *modelFiles) learn(data []byte) {
	if !f.summed {
		h := sha256.New()
		h.Write(data)
		f.digest, f.err = digestOf(h, int64(len(data)), nil)
		f.summed = true
	}
	f.looked, f.outside = true, weightsOutside(data)
}

// weightsOutside reports whether some weights are not in the file. Of a file that
// cannot be read, the backend will say so.
func weightsOutside(data []byte) bool {
	m, err := onnxpb.Read(data)
	return err == nil && tensorsOutside(m)
}

// tensorsOutside reports whether the data of some tensor stands in another file.
func tensorsOutside(m *onnxpb.Model) bool {
	for t := range m.Tensors() {
		if t.Location == onnxpb.Outside {
			return true
		}
	}
	return false
}

// held returns the file if it is still in memory.
func (f *modelFiles) held() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if first := f.recent.Value(); first != nil {
		return unsafe.Slice(first, f.length)
	}
	return nil
}
