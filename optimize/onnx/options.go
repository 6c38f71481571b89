package onnx

import (
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
)

// Options configures a [Backend]. The zero value finds an installed library and
// uses the best device.
type Options struct {
	// Library is the file of the library or the folder that holds it. Default:
	// the environment variable QUINTET_ORT_LIB, then ORT_LIB_PATH, then a
	// search, see the package comment.
	Library string

	// Dev adds the Go module cache and ./node_modules to the search. Whoever
	// can write there decides what code runs, so it is for development.
	Dev bool

	// Devices are tried in this order: "cpu", "cuda", "tensorrt", "coreml",
	// "directml" or "openvino"; cuda, tensorrt and directml may be followed by
	// the number of the device, as in "cuda:1". Default: those of "cuda:0",
	// "directml:0" and "cpu" that are available. The others compile a model
	// when it is loaded, which can take minutes, and must be asked for.
	Devices []string

	// Strict refuses to fall back from the first device.
	Strict bool

	// GPUMemLimit bounds the memory that each session takes for its tensors on
	// CUDA, and for its workspace on TensorRT, in bytes. Default: no limit.
	GPUMemLimit int64

	// GPUArenaExact lets the arena on CUDA grow by what is asked for instead of
	// to the next power of two, which saves memory and costs time.
	GPUArenaExact bool

	// NoArena gives the memory of tensors on the CPU back after each run instead
	// of keeping it in an arena. Runs are slower.
	NoArena bool
}

// plan is Options after checking.
type plan struct {
	Options
	devices []device // Options.Devices
}

func (o Options) withDefaults() (plan, error) {
	p := plan{Options: o}
	if o.GPUMemLimit < 0 {
		return p, fmt.Errorf("onnx: GPUMemLimit is %d: %w", o.GPUMemLimit, quintet.ErrOption)
	}
	for _, name := range o.Devices {
		d, err := parseDevice(name)
		if err != nil {
			return p, fmt.Errorf("onnx: %w", err)
		}
		if slices.Contains(p.devices, d) {
			return p, fmt.Errorf("onnx: device %q is named twice: %w", name, quintet.ErrOption)
		}
		p.devices = append(p.devices, d)
	}
	return p, nil
}
