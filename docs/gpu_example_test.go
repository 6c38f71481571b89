package docs_test

import (
	"fmt"

	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
	"github.com/quintet-ai/quintet/text"
)

func Example_gpuDevices() {
	var m optimize.Model
	native, err := optimize.NewNative(optimize.NativeOptions{})
	check(err)
	ort, err := onnx.New(onnx.Options{Devices: []string{"cuda:0", "cpu"}, GPUMemLimit: 4 << 30})
	check(err) // where it looked, what it found there, what is needed
	rt, err := optimize.New(optimize.Options{Backend: optimize.Prefer(ort, native), MemoryBudget: 8 << 30})
	check(err)
	for _, d := range rt.Devices() {
		fmt.Println(d.Name, d.Backend, d.Available, d.Reason)
	}
	e, err := text.NewEmbedder(text.EmbedderOptions{Model: m, Runtime: rt})
	check(err)
	check(e.Close())
}
