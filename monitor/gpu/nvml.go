//go:build linux && cgo

package gpu

import (
	"errors"
	"fmt"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"github.com/quintet-ai/quintet"
)

// driver is NVML.
type driver struct{ nvml.Interface }

func openLibrary() (library, error) {
	lib := nvml.New()
	if r := lib.Init(); r != nvml.SUCCESS {
		return nil, fmt.Errorf("no NVML: %w: %w", fault(r), quintet.ErrUnsupported)
	}
	return driver{lib}, nil
}

// fault is what NVML answered as an error.
func fault(r nvml.Return) error {
	if r == nvml.ERROR_LIBRARY_NOT_FOUND { // without the library it has no texts
		return errors.New("libnvidia-ml.so.1 is not here")
	}
	return r
}

func (d driver) count() (int, error) {
	n, r := d.DeviceGetCount()
	if r != nvml.SUCCESS {
		return 0, fault(r)
	}
	return n, nil
}

// read fails if the device is gone. A value that this device has not is left at 0.
func (d driver) read(i int) (Device, error) {
	h, r := d.DeviceGetHandleByIndex(i)
	if r != nvml.SUCCESS {
		return Device{}, fault(r)
	}
	var out Device
	if out.UUID, r = h.GetUUID(); r != nvml.SUCCESS {
		return Device{}, fault(r)
	}
	memory, r := h.GetMemoryInfo()
	if r != nvml.SUCCESS && r != nvml.ERROR_NOT_SUPPORTED {
		return Device{}, fault(r)
	}
	out.MemoryUsed, out.MemoryTotal = memory.Used, memory.Total
	if name, r := h.GetName(); r == nvml.SUCCESS {
		out.Name = name
	}
	if u, r := h.GetUtilizationRates(); r == nvml.SUCCESS {
		out.Utilization = float64(u.Gpu) / 100
	}
	if milli, r := h.GetPowerUsage(); r == nvml.SUCCESS {
		out.Power = float64(milli) / 1000
	}
	if milli, r := h.GetEnforcedPowerLimit(); r == nvml.SUCCESS {
		out.PowerLimit = float64(milli) / 1000
	}
	if milli, r := h.GetTotalEnergyConsumption(); r == nvml.SUCCESS {
		out.Energy = float64(milli) / 1000
	}
	if c, r := h.GetTemperature(nvml.TEMPERATURE_GPU); r == nvml.SUCCESS {
		out.Temperature = float64(c)
	}
	return out, nil
}

func (d driver) close() error {
	if r := d.Shutdown(); r != nvml.SUCCESS {
		return fault(r)
	}
	return nil
}
