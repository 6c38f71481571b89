//go:build ort

package main

import (
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

func newBackend() (optimize.Backend, error) { return onnx.New(onnx.Options{Dev: true}) }
