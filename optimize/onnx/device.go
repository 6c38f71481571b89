package onnx

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// provider is a kind of device as ONNX Runtime knows it.
type provider struct {
	name     string
	kind     optimize.DeviceKind
	numbered bool   // there can be several
	only     string // the only system that has it, "" for any
}

// providers are all that the backend knows, best first.
var providers = []provider{
	{"cuda", optimize.DeviceGPU, true, ""},
	{"tensorrt", optimize.DeviceGPU, true, ""},
	{"directml", optimize.DeviceGPU, true, "windows"},
	{"coreml", optimize.DeviceNPU, false, "darwin"},
	{"openvino", optimize.DeviceNPU, false, ""},
	{"cpu", optimize.DeviceCPU, false, ""},
}

// device is one processor.
type device struct {
	provider
	id int
}

var (
	cpu       = mustDevice("cpu")
	automatic = []device{mustDevice("cuda"), mustDevice("directml"), cpu} // they need not compile models
)

// String is the name as options have it, such as "cuda:0".
func (d device) String() string {
	if d.numbered {
		return d.name + ":" + strconv.Itoa(d.id)
	}
	return d.name
}

// parseDevice reads the name of a device; a number that is missing is 0.
func parseDevice(name string) (device, error) {
	base, number, has := strings.Cut(name, ":")
	for _, p := range providers {
		if p.name != base || has && !p.numbered {
			continue
		}
		id := 0
		if has {
			n, err := strconv.ParseUint(number, 10, 16)
			if err != nil {
				break
			}
			id = int(n)
		}
		return device{p, id}, nil
	}
	return device{}, fmt.Errorf("no device %q: want cpu, cuda:N, tensorrt:N, directml:N, coreml or openvino: %w", name,
		quintet.ErrOption)
}

func mustDevice(name string) device {
	d, err := parseDevice(name)
	if err != nil {
		panic(err)
	}
	return d
}

// chain returns the devices to try for a session, in order. found are the
// devices to use if the options name none.
func (p plan) chain(o optimize.SessionOptions, found func() []device) ([]device, error) {
	devices := p.devices
	if o.Device != "" {
		first, err := parseDevice(o.Device)
		if err != nil {
			return nil, err
		}
		if len(devices) == 0 {
			devices = []device{cpu}
		}
		rest := slices.DeleteFunc(slices.Clone(devices), func(d device) bool { return d == first })
		devices = append([]device{first}, rest...)
	}
	if len(devices) == 0 {
		devices = found()
	}
	if p.Strict || o.Strict {
		devices = devices[:1]
	}
	return devices, nil
}

// refusal is why a device was not taken.
type refusal struct {
	device device
	err    error
}

// choose opens a model on the first device that can do so and run it once. The
// last device is not asked to run: there is nothing to fall back to. If a model
// opens on a device but does not run, and runs no better on the next, then not
// the device but the trial input is to blame, and the first device is taken.
func choose[S interface{ Close() error }](devices []device, open func(device) (S, error), warm func(S) error) (
	s S, refused []refusal, err error) {
	type doubt struct {
		session S
		refusal
	}
	var doubts []doubt
	discard := func() {
		for _, d := range doubts {
			err = errors.Join(err, d.session.Close())
		}
	}
	for i, d := range devices {
		s, err = open(d)
		if err != nil {
			refused = append(refused, refusal{d, err})
			continue
		}
		last := i == len(devices)-1
		if last && len(doubts) == 0 {
			return s, refused, nil
		}
		trial := warm(s)
		if trial == nil {
			for _, q := range doubts {
				refused = append(refused, q.refusal)
			}
			discard()
			return s, refused, err
		}
		doubts = append(doubts, doubt{s, refusal{d, fmt.Errorf("trial run: %w", trial)}})
	}
	if len(doubts) > 0 {
		s, doubts, err = doubts[0].session, doubts[1:], nil
		discard()
		return s, refused, err
	}
	var zero S
	return zero, refused, refusedBy(refused)
}

// refusedBy is the error of a model that no device took. Its cause is that of
// the last device, which is the one that can do most.
func refusedBy(refused []refusal) error {
	last := refused[len(refused)-1]
	if len(refused) == 1 {
		return fmt.Errorf("%v: %w", last.device, last.err)
	}
	var others []string
	for _, r := range refused[:len(refused)-1] {
		others = append(others, fmt.Sprintf("%v: %v", r.device, r.err))
	}
	return fmt.Errorf("%v: %w (before: %s)", last.device, last.err, strings.Join(others, "; "))
}
