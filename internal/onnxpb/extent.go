package onnxpb

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Extent is the part of a file in which the data of a tensor stands.
type Extent struct {
	File   string // slash-separated, relative to the folder of the model, inside it
	Offset int64
	Length int64 // what the dimensions of the tensor ask for
}

// Extent returns where the data of t stands if Location is [Outside]. It refuses
// a path that leaves the folder of the model (absolute, with "..", with a
// backslash) and a length that is not what the dimensions ask for.
func (t *Tensor) Extent() (Extent, error) {
	var e Extent
	n, err := t.Len()
	if err != nil {
		return e, err
	}
	size, err := t.byteLen(n)
	if err != nil {
		return e, err
	}
	e.Length = int64(size)
	for _, entry := range t.External {
		var v int64
		switch entry.Key {
		case "location":
			e.File, err = insideFolder(entry.Value)
		case "offset":
			e.Offset, err = strconv.ParseInt(entry.Value, 10, 64)
		case "length":
			v, err = strconv.ParseInt(entry.Value, 10, 64)
			if err == nil && v != e.Length {
				err = fmt.Errorf("%s%v needs %d bytes", t.DataType, t.Dims, e.Length)
			}
		}
		if err != nil {
			return e, t.wrong("external %s %q: %v", entry.Key, entry.Value, err)
		}
	}
	if e.File == "" || e.Offset < 0 || e.Offset > math.MaxInt64-e.Length {
		return e, t.wrong("external data at offset %d of file %q", e.Offset, e.File)
	}
	return e, nil
}

// insideFolder cleans the path of a file that must be in or below the folder of
// the model.
func insideFolder(name string) (string, error) {
	clean := path.Clean(name)
	up := slices.Contains(strings.Split(name, "/"), "..")
	if up || strings.ContainsAny(name, "\\\x00") || !fs.ValidPath(clean) || clean == "." {
		return "", errors.New("leaves the folder of the model")
	}
	return clean, nil
}
