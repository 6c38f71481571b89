package gpu

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
)

// Options configures [Open].
type Options struct {
	// MaxTemperature is the temperature in degrees Celsius above which the check of a
	// device fails. Default: 90.
	MaxTemperature float64

	// MaxMemory is the share of its memory above which it does, 0 < MaxMemory <= 1.
	// Default: 0.98.
	MaxMemory float64
}

func (o Options) withDefaults() (Options, error) {
	if !(o.MaxTemperature >= 0) || !(o.MaxMemory >= 0 && o.MaxMemory <= 1) {
		return o, fmt.Errorf("temperature %v or share of memory %v: %w", o.MaxTemperature, o.MaxMemory, quintet.ErrOption)
	}
	if o.MaxTemperature == 0 {
		o.MaxTemperature = 90
	}
	if o.MaxMemory == 0 {
		o.MaxMemory = 0.98
	}
	return o, nil
}

// Device is a graphics processor at a moment.
type Device struct {
	UUID        string  `json:"uuid"`        // as the driver tells it
	Name        string  `json:"name"`        // of the product
	Utilization float64 `json:"utilization"` // share of the time that it worked, 0 to 1
	MemoryUsed  uint64  `json:"memoryUsed"`  // bytes
	MemoryTotal uint64  `json:"memoryTotal"` // bytes
	Power       float64 `json:"power"`       // watts
	PowerLimit  float64 `json:"powerLimit"`  // watts
	Energy      float64 `json:"energy"`      // joules since the driver was loaded
	Temperature float64 `json:"temperature"` // degrees Celsius
}

// library is what is asked for devices.
type library interface {
	count() (int, error)
	read(i int) (Device, error)
	close() error
}

// GPUs are the devices of this machine. It is safe for concurrent use.
type GPUs struct {
	opt    Options
	reason error

	mu     sync.Mutex
	lib    library // nil if there is none
	closed bool
	known  []*Device // as last read
	read   []time.Time
}

// Open looks for the library and its devices. An error is one of the options; that
// there is no device is none.
func Open(o Options) (*GPUs, error) {
	lib, err := openLibrary()
	return open(o, lib, err)
}

func open(o Options, lib library, reason error) (*GPUs, error) {
	o, err := o.withDefaults()
	if err != nil {
		if reason == nil {
			err = errors.Join(err, lib.close())
		}
		return nil, err
	}
	g := &GPUs{opt: o, reason: reason}
	if reason != nil {
		return g, nil
	}
	n, err := lib.count()
	if err == nil && n == 0 {
		err = fmt.Errorf("the driver has no devices: %w", quintet.ErrUnsupported)
	}
	for i := 0; err == nil && i < n; i++ {
		var d Device
		d, err = lib.read(i)
		g.known, g.read = append(g.known, &d), append(g.read, time.Now())
	}
	if err != nil {
		g.reason, g.known, g.read = err, nil, nil
		return g, lib.close()
	}
	g.lib = lib
	return g, nil
}

// Reason says why there are no devices, nil if there are. It wraps
// [quintet.ErrUnsupported] if there is no library or no device.
func (g *GPUs) Reason() error { return g.reason }

// Snapshot reads all devices, in the order of the driver; none if Reason is not nil.
// A device that has gone, or a call after Close, is an error.
func (g *GPUs) Snapshot() ([]Device, error) {
	out := make([]Device, len(g.known))
	for i := range out {
		d, err := g.device(i)
		if err != nil {
			return nil, err
		}
		out[i] = d
	}
	return out, nil
}

// device reads device i, at most every half second: a scrape asks for each value.
func (g *GPUs) device(i int) (Device, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return Device{}, fmt.Errorf("gpu: %w", quintet.ErrClosed)
	}
	if time.Since(g.read[i]) < 500*time.Millisecond {
		return *g.known[i], nil
	}
	d, err := g.lib.read(i)
	if err != nil {
		return Device{}, fmt.Errorf("gpu %s: %w", g.known[i].UUID, err)
	}
	*g.known[i], g.read[i] = d, time.Now()
	return d, nil
}

// Checks returns an optional check for each device: it fails if the device cannot be
// read, is too hot or has too little memory.
func (g *GPUs) Checks() []monitor.Check {
	checks := make([]monitor.Check, len(g.known))
	for i, d := range g.known {
		checks[i] = monitor.Check{Name: "gpu " + d.UUID, Optional: true, Run: func(context.Context) error {
			d, err := g.device(i)
			if err != nil {
				return err
			}
			return g.verdict(d)
		}}
	}
	return checks
}

func (g *GPUs) verdict(d Device) error {
	switch {
	case d.Temperature > g.opt.MaxTemperature:
		return fmt.Errorf("%.0f degrees Celsius, limit %.0f", d.Temperature, g.opt.MaxTemperature)
	case float64(d.MemoryUsed) > g.opt.MaxMemory*float64(d.MemoryTotal):
		return fmt.Errorf("%d of %d MiB in use, limit %.0f %%", d.MemoryUsed>>20, d.MemoryTotal>>20, 100*g.opt.MaxMemory)
	}
	return nil
}

// Close gives the library back. Closing twice is harmless.
func (g *GPUs) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || g.lib == nil {
		g.closed = true
		return nil
	}
	g.closed = true
	return g.lib.close()
}
