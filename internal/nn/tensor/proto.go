package tensor

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// FromProto returns the tensor that p describes: over p's own bytes where the
// machine can read numbers from there, a copy otherwise. Strings and
// other types without a size are [quintet.ErrUnsupported].
func FromProto(p *onnxpb.Tensor) (*Tensor, error) {
	size := Size(p.DataType)
	if size == 0 {
		return nil, fmt.Errorf("tensor %s of %s: %w", p.Name, p.DataType, quintet.ErrUnsupported)
	}
	shape := make([]int, len(p.Dims))
	for i, d := range p.Dims {
		shape[i] = int(d)
	}
	n, err := Count(shape)
	if err != nil {
		return nil, fmt.Errorf("tensor %s: %w: %w", p.Name, err, quintet.ErrModel)
	}
	data, err := p.Bytes()
	if err != nil {
		return nil, err
	}
	if len(data) != n*size {
		return nil, fmt.Errorf("tensor %s%v of %s has %d bytes: %w", p.Name, shape, p.DataType, len(data), quintet.ErrModel)
	}
	if !aligned(data, size) || !LittleEndian {
		own := Alloc(len(data))
		copy(own, data)
		data = own
	}
	if !LittleEndian {
		swap(data, size)
	}
	if p.DataType == onnxpb.Bool {
		data = truth(data)
	}
	return &Tensor{Type: p.DataType, Shape: shape, Data: data}, nil
}

// LittleEndian says whether this machine stores the low byte first, as files do.
var LittleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// aligned reports whether elements of size bytes may be read where b lies.
func aligned(b []byte, size int) bool {
	switch runtime.GOARCH {
	case "amd64", "arm64", "386", "ppc64le":
		return true // these read from anywhere
	}
	return uintptr(unsafe.Pointer(unsafe.SliceData(b)))%uintptr(size) == 0
}

func swap(b []byte, size int) {
	for ; len(b) >= size && size > 1; b = b[size:] {
		for i, j := 0, size-1; i < j; i, j = i+1, j-1 {
			b[i], b[j] = b[j], b[i]
		}
	}
}

// truth returns b with every byte 0 or 1, itself if it is so.
func truth(b []byte) []byte {
	for i, v := range b {
		if v > 1 {
			b = append([]byte(nil), b...)
			for ; i < len(b); i++ {
				b[i] = min(b[i], 1)
			}
			break
		}
	}
	return b
}
