// Nativeprogram is the smallest program that runs an ONNX model, for the figures
// on size, start and memory. It prints a line when it could serve, runs the encoder
// that it is given the path of once, on 32 tokens, and prints its peak memory.
//
//	CGO_ENABLED=0 go build -ldflags '-s -w' ./nativeprogram
//	./nativeprogram model.onnx
//
// With the build tag ort the same program uses ONNX Runtime.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/quintet-ai/quintet/optimize"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(paths []string) error {
	backend, err := newBackend()
	if err != nil {
		return err
	}
	defer backend.Close()
	fmt.Println("backend", backend.Name())
	for _, path := range paths {
		if err := runOnce(backend, path); err != nil {
			return err
		}
	}
	return printPeak()
}

func runOnce(b optimize.Backend, path string) error {
	model, err := optimize.OpenModel(path)
	if err != nil {
		return err
	}
	s, err := b.Load(context.Background(), model, optimize.SessionOptions{Threads: 1})
	if err != nil {
		return err
	}
	defer s.Close()
	var in []optimize.Tensor
	for range s.Inputs() {
		t, err := optimize.Zeros[int64](1, 32)
		if err != nil {
			return err
		}
		in = append(in, t)
	}
	_, err = s.Run(context.Background(), in)
	return err
}

// printPeak prints the most memory that was resident, where the system tells.
func printPeak() error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(status)) {
		if kib, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			fmt.Println("peak", strings.TrimSpace(kib))
		}
	}
	return nil
}
