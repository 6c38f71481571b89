// Package onnx runs models with ONNX Runtime, on the CPU or a GPU, as an
// [optimize.Backend]. It needs cgo and, at run time, the shared library of ONNX
// Runtime 1.24 or newer; a program that does not find one still starts, and
// [New] says what is missing.
//
//	backend, err := onnx.New(onnx.Options{Devices: []string{"cuda:0", "cpu"}})
//	if err != nil {
//		return err // where it looked, what it found there, what is needed
//	}
//	defer backend.Close()
//	model, err := optimize.OpenModel("models/minilm")
//	session, err := backend.Load(ctx, model, optimize.SessionOptions{})
//	outputs, err := session.Run(ctx, []optimize.Tensor{ids, mask, types})
//
// Built without cgo, the package has the same names and New returns
// [quintet.ErrUnsupported].
//
// # The library
//
// [Options.Library] or else the environment variable QUINTET_ORT_LIB or else
// ORT_LIB_PATH decides alone. Without them the first of these places that has a
// library of this system, architecture and version is used: the folder of the
// executable and ../lib beside it; the user's cache, quintet/ort; the folders of
// the dynamic linker and of common packages; with [Options.Dev] also the Go
// module cache and ./node_modules. Version and architecture are read from the
// file before any of its code runs. This puts a library into the user's cache:
//
//	go run github.com/quintet-ai/quintet/optimize/onnx/install@latest
//
// A process loads one library, once, and keeps it until it ends.
//
// # Devices
//
// [Backend.Devices] tries every device and says why one is missing. A model that
// cannot be opened on a device, or not run once with inputs of zeros, falls back
// to the next one when it is loaded. The session tells which device it is on, and
// by a method Reason() error why; Devices keeps the last reason. Strict refuses
// instead.
//
// # Memory
//
// Inputs are not copied; they are pinned until Run has returned. Outputs are
// copied once, into memory of Go. Load holds the model's file in memory of Go until
// ONNX Runtime has its own copy of the weights; weights in other files go to ONNX
// Runtime directly if the model is on disk.
//
// # Limits
//
// When a context ends, the run stops before its next operator, not inside one.
// Loading cannot be stopped: Load returns, and the session is closed as soon as
// it is there. Not supported are models without inputs, inputs and outputs of
// other types than [optimize.DType] names, scalar inputs of float16 or string,
// scalar outputs of string or of a shape that the model does not declare, and strings with a zero byte. A model from bytes must
// contain its weights; of a model from a file system that is not on disk, all
// files together have at most 2 GiB. Of a model with float16 outputs
// a NaN may come out as another NaN.
package onnx
