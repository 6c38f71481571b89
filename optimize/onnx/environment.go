//go:build cgo

package onnx

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/onnx/internal/ortlib"
	ort "github.com/yalue/onnxruntime_go"
)

// environment is the library that the process has loaded and ONNX Runtime's
// state, of which there can be only one. It needs no count of its backends, since
// it is never unloaded: threads and drivers that the library started might still
// run its code.
var environment struct {
	sync.Mutex
	lib ortlib.Library // Path is "" before the first success
}

// attach loads the library that o asks for, or shares the one that is loaded.
func attach(o Options) (ortlib.Library, error) {
	e := &environment
	e.Lock()
	defer e.Unlock()
	lib := e.lib
	if lib.Path == "" || o.Library != "" {
		var err error
		if lib, err = ortlib.Here(o.Library, o.Dev).Find(); err != nil {
			return lib, err
		}
	}
	switch {
	case e.lib.Path == "":
		if err := start(&lib); err != nil {
			return lib, err
		}
		e.lib = lib
	case !sameFile(e.lib.Path, lib.Path):
		return lib, fmt.Errorf("this process has loaded ONNX Runtime %v from %s and cannot load %s too: %w", e.lib.Version,
			e.lib.Path, lib.Path, quintet.ErrOption)
	}
	return e.lib, nil
}

// start loads the library. Only fatal messages go to stderr: all others come back
// as errors, and missing devices would make noise.
func start(lib *ortlib.Library) error {
	ort.SetSharedLibraryPath(lib.Path)
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		why := err.Error()
		if strings.Contains(why, "ORT API base: 2") {
			why = fmt.Sprintf("it is older than %v", ortlib.Needed)
		}
		return fmt.Errorf("cannot load %s: %s: %w", lib.Path, why, quintet.ErrUnsupported)
	}
	lib.Version = ortlib.ParseVersion(ort.GetVersion())
	if err := ort.DisableTelemetry(); err != nil {
		return fmt.Errorf("cannot switch telemetry off: %w: %w", err, quintet.ErrUnsupported)
	}
	return nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return a == b
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
