//go:build !cgo

package onnx

import (
	"context"
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

var errNoCgo = fmt.Errorf("onnx: ONNX Runtime needs a build with cgo: %w", quintet.ErrUnsupported)

// Backend runs models with ONNX Runtime. In a build without cgo there is none.
type Backend struct{}

// New returns [quintet.ErrOption] for bad options and otherwise
// [quintet.ErrUnsupported], because this build has no cgo.
func New(o Options) (*Backend, error) {
	if _, err := o.withDefaults(); err != nil {
		return nil, err
	}
	return nil, errNoCgo
}

// Name implements [optimize.Backend].
func (b *Backend) Name() string { return name }

// Library is the path of the loaded library: none.
func (b *Backend) Library() string { return "" }

// Version is the version of the loaded library: none.
func (b *Backend) Version() string { return "" }

// Devices implements [optimize.Backend]: each device is missing.
func (b *Backend) Devices() (list []optimize.Device) {
	for _, p := range providers {
		list = append(list, optimize.Device{Name: device{p, 0}.String(), Kind: p.kind, Backend: name, Reason: errNoCgo.Error()})
	}
	return list
}

// Load returns [quintet.ErrUnsupported].
func (b *Backend) Load(context.Context, optimize.Model, optimize.SessionOptions) (optimize.Session, error) {
	return nil, errNoCgo
}

// Close does nothing.
func (b *Backend) Close() error { return nil }
