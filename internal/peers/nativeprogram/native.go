//go:build !ort

package main

import "github.com/quintet-ai/quintet/optimize"

func newBackend() (optimize.Backend, error) { return optimize.NewNative(optimize.NativeOptions{}) }
