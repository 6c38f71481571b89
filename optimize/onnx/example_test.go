package onnx_test

import (
	"context"
	"fmt"
	"log"

	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

// It prints the devices and runs a model that wants a row of numbers.
func Example() {
	backend, err := onnx.New(onnx.Options{Devices: []string{"cuda:0", "cpu"}})
	if err != nil {
		log.Print(err) // says where it looked and how to install the library
		return
	}
	defer backend.Close()
	for _, d := range backend.Devices() {
		fmt.Println(d.Name, d.Available, d.Reason)
	}
	model, err := optimize.OpenModel("model.onnx")
	if err != nil {
		log.Print(err)
		return
	}
	ctx := context.Background()
	session, err := backend.Load(ctx, model, optimize.SessionOptions{})
	if err != nil {
		log.Print(err)
		return
	}
	defer session.Close()
	row, err := optimize.NewTensor([]float32{1, 2, 3}, 1, 3)
	if err != nil {
		log.Print(err)
		return
	}
	outputs, err := session.Run(ctx, []optimize.Tensor{row})
	fmt.Println(outputs, err)
}
