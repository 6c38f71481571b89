//go:build !linux || !cgo

package gpu

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

func openLibrary() (library, error) {
	return nil, fmt.Errorf("this program was built without cgo or not for Linux: %w", quintet.ErrUnsupported)
}
