//go:build cgo

package onnx

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
	ort "github.com/yalue/onnxruntime_go"
)

// probe tries d with a model of one operator, the first time it is asked.
func (b *Backend) probe(d device) error {
	if d == cpu {
		return nil
	}
	b.mu.Lock()
	err, done := b.probed[d]
	b.mu.Unlock()
	if done {
		return err
	}
	err = b.tryOut(d)
	b.mu.Lock()
	b.probed[d] = err
	b.mu.Unlock()
	return err
}

func (b *Backend) tryOut(d device) error {
	if d.only != "" && d.only != runtime.GOOS {
		return fmt.Errorf("%s exists only on %s: %w", d.name, d.only, quintet.ErrUnsupported)
	}
	g := onnxpb.NewBuilder("probe")
	g.Rename(g.Op("Add", g.Input("x", onnxpb.Float, onnxpb.FixedDim(1)), "x"), "y")
	g.Output("y", onnxpb.Float, onnxpb.FixedDim(1))
	src, err := readSource(optimize.ModelBytes(g.Model(13).Append(nil)))
	if err != nil {
		return err
	}
	s, err := b.openOn(d, src, 1)
	if err != nil {
		return err
	}
	x, err := optimize.Zeros[float32](1)
	if err == nil {
		_, err = s.Run(context.Background(), []optimize.Tensor{x})
	}
	return errors.Join(err, s.Close())
}

// sessionOptions are ONNX Runtime's for a session on d. One thread per run is the
// default of [optimize.SessionOptions]; threads that spin while they wait would
// take the cores from other runs.
func (b *Backend) sessionOptions(d device, threads int, folder string) (*ort.SessionOptions, error) {
	o, err := ort.NewSessionOptions()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", message(err), quintet.ErrUnsupported)
	}
	entries := map[string]string{"session.intra_op.allow_spinning": "0"}
	if folder != "" {
		entries["session.model_external_initializers_file_folder_path"] = folder
	}
	errs := []error{o.SetIntraOpNumThreads(max(threads, 1)), o.SetInterOpNumThreads(1)}
	for key, value := range entries {
		errs = append(errs, o.AddSessionConfigEntry(key, value))
	}
	if b.plan.NoArena {
		errs = append(errs, o.SetCpuMemArena(false))
	}
	if b.plan.NoArena || d.name == "directml" { // which demands it
		errs = append(errs, o.SetMemPattern(false))
	}
	if err := errors.Join(append(errs, b.appendProvider(o, d))...); err != nil {
		o.Destroy()
		return nil, fmt.Errorf("%s%s: %w", message(err), b.hint(d), quintet.ErrUnsupported)
	}
	return o, nil
}

// appendProvider puts d before the CPU, which ONNX Runtime always adds last.
func (b *Backend) appendProvider(o *ort.SessionOptions, d device) error {
	switch d.name {
	case "cuda":
		return b.appendCUDA(o, d)
	case "tensorrt":
		if err := b.appendTensorRT(o, d); err != nil {
			return err
		}
		return b.appendCUDA(o, d) // for the operators that TensorRT does not have
	case "directml":
		return o.AppendExecutionProviderDirectML(d.id)
	case "coreml":
		return o.AppendExecutionProviderCoreMLV2(nil)
	case "openvino":
		return o.AppendExecutionProviderOpenVINO(nil)
	}
	return nil
}

func (b *Backend) appendCUDA(o *ort.SessionOptions, d device) error {
	p, err := ort.NewCUDAProviderOptions()
	if err != nil {
		return err
	}
	defer p.Destroy()
	settings := map[string]string{"device_id": strconv.Itoa(d.id)}
	if b.plan.GPUMemLimit > 0 {
		settings["gpu_mem_limit"] = strconv.FormatInt(b.plan.GPUMemLimit, 10)
	}
	if b.plan.GPUArenaExact {
		settings["arena_extend_strategy"] = "kSameAsRequested"
	}
	if err := p.Update(settings); err != nil {
		return err
	}
	return o.AppendExecutionProviderCUDA(p)
}

func (b *Backend) appendTensorRT(o *ort.SessionOptions, d device) error {
	p, err := ort.NewTensorRTProviderOptions()
	if err != nil {
		return err
	}
	defer p.Destroy()
	settings := map[string]string{"device_id": strconv.Itoa(d.id)}
	if b.plan.GPUMemLimit > 0 {
		settings["trt_max_workspace_size"] = strconv.FormatInt(b.plan.GPUMemLimit, 10)
	}
	if err := p.Update(settings); err != nil {
		return err
	}
	return o.AppendExecutionProviderTensorRT(p)
}

// hint says what the library lacks for d, where ONNX Runtime only says that it
// could not load something.
func (b *Backend) hint(d device) string {
	dir := filepath.Dir(b.lib.Path)
	file := "libonnxruntime_providers_" + d.name + ".so"
	if runtime.GOOS == "windows" {
		file = "onnxruntime_providers_" + d.name + ".dll"
	}
	if d == cpu || d.only != "" {
		return ""
	}
	if _, err := os.Stat(filepath.Join(dir, file)); err == nil {
		return fmt.Sprintf(" (%s is there, so something that it needs is not)", file)
	}
	return fmt.Sprintf(" (there is no %s beside %s: it needs a build of ONNX Runtime for it)", file, filepath.Base(b.lib.Path))
}
