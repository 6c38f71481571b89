package vision

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// OpenReader is [NewReader] with the models and the alphabet in a folder, whose files
// are named as PaddleOCR names them: *_det_infer.onnx, *_rec_infer.onnx,
// *_cls_infer.onnx, which may be missing, and *_keys_*.txt. What o has of them stays.
// A file that is missing, and one of which there are several, is [quintet.ErrModel].
func OpenReader(dir string, o ReaderOptions) (*Reader, error) {
	for _, m := range []struct {
		pattern  string
		model    *optimize.Model
		optional bool
	}{
		{"*_det_infer.onnx", &o.Detection, false},
		{"*_rec_infer.onnx", &o.Recognition, false},
		{"*_cls_infer.onnx", &o.Orientation, true},
	} {
		if *m.model != (optimize.Model{}) {
			continue
		}
		path, err := onlyFile(dir, m.pattern)
		if errors.Is(err, fs.ErrNotExist) && m.optional {
			continue
		}
		if err == nil {
			*m.model, err = optimize.OpenModel(path)
		}
		if err != nil {
			return nil, fmt.Errorf("vision: %w", err)
		}
	}
	if len(o.Alphabet) == 0 {
		var err error
		if o.Alphabet, err = openAlphabet(dir); err != nil {
			return nil, fmt.Errorf("vision: %w", err)
		}
	}
	return NewReader(o)
}

// onlyFile returns the path of the file in a folder that matches a pattern.
func onlyFile(dir, pattern string) (string, error) {
	names, err := fs.Glob(os.DirFS(dir), pattern)
	if err == nil && len(names) == 0 {
		err = fs.ErrNotExist
	}
	if err == nil && len(names) > 1 {
		err = fmt.Errorf("there are %d", len(names))
	}
	if err != nil {
		return "", fmt.Errorf("%s in %s: %w: %w", pattern, dir, err, quintet.ErrModel)
	}
	return filepath.Join(dir, names[0]), nil
}

func openAlphabet(dir string) ([]string, error) {
	path, err := onlyFile(dir, "*_keys_*.txt")
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAlphabet(f)
}

// ReadAlphabet reads the characters of a recognition model from a file that has one in
// each line, such as PaddleOCR's ppocr_keys_v1.txt. An empty line, and
// one of more than 64 KB, is [quintet.ErrModel]; an error of r is returned as it is.
func ReadAlphabet(r io.Reader) ([]string, error) {
	var alphabet []string
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if lines.Text() == "" {
			return nil, fmt.Errorf("line %d of the alphabet is empty: %w", len(alphabet)+1, quintet.ErrModel)
		}
		alphabet = append(alphabet, lines.Text())
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("line %d of the alphabet has no end: %w", len(alphabet)+1, quintet.ErrModel)
	} else if err != nil {
		return nil, err
	}
	if len(alphabet) == 0 {
		return nil, fmt.Errorf("the alphabet is empty: %w", quintet.ErrModel)
	}
	return alphabet, nil
}
