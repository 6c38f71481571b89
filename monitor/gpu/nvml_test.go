//go:build linux && cgo

package gpu

import (
	"testing"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
)

// device answers as the driver does; it tells no power limit.
func device() *mock.Device {
	return &mock.Device{
		GetUUIDFunc:       func() (string, nvml.Return) { return "GPU-1", nvml.SUCCESS },
		GetNameFunc:       func() (string, nvml.Return) { return "A", nvml.SUCCESS },
		GetMemoryInfoFunc: func() (nvml.Memory, nvml.Return) { return nvml.Memory{Used: 1, Total: 2}, nvml.SUCCESS },
		GetUtilizationRatesFunc: func() (nvml.Utilization, nvml.Return) {
			return nvml.Utilization{Gpu: 50, Memory: 7}, nvml.SUCCESS
		},
		GetPowerUsageFunc:             func() (uint32, nvml.Return) { return 70_500, nvml.SUCCESS },
		GetEnforcedPowerLimitFunc:     func() (uint32, nvml.Return) { return 9, nvml.ERROR_NOT_SUPPORTED },
		GetTotalEnergyConsumptionFunc: func() (uint64, nvml.Return) { return 2_000, nvml.SUCCESS },
		GetTemperatureFunc:            func(nvml.TemperatureSensors) (uint32, nvml.Return) { return 41, nvml.SUCCESS },
	}
}

func TestUnitsOfTheDriver(t *testing.T) {
	lib := &mock.Interface{
		DeviceGetCountFunc:         func() (int, nvml.Return) { return 1, nvml.SUCCESS },
		DeviceGetHandleByIndexFunc: func(int) (nvml.Device, nvml.Return) { return device(), nvml.SUCCESS },
		ShutdownFunc:               func() nvml.Return { return nvml.SUCCESS },
	}
	g, err := open(Options{}, driver{lib}, nil)
	require.NoError(t, err)
	all, err := g.Snapshot()
	require.NoError(t, err)
	require.Equal(t, []Device{{
		UUID: "GPU-1", Name: "A", Utilization: 0.5, MemoryUsed: 1, MemoryTotal: 2, Power: 70.5, Energy: 2, Temperature: 41,
	}}, all)
	require.NoError(t, g.Close())
	require.Len(t, lib.ShutdownCalls(), 1)
}

func TestDriverWithoutDevices(t *testing.T) {
	lib := &mock.Interface{
		DeviceGetCountFunc: func() (int, nvml.Return) { return 0, nvml.SUCCESS },
		ShutdownFunc:       func() nvml.Return { return nvml.SUCCESS },
	}
	g, err := open(Options{}, driver{lib}, nil)
	require.NoError(t, err)
	require.ErrorIs(t, g.Reason(), quintet.ErrUnsupported)
}
