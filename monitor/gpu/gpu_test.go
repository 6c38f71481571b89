package gpu_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/monitor/gpu"
)

func TestThisMachine(t *testing.T) {
	g, err := gpu.Open(gpu.Options{})
	require.NoError(t, err, "no device is no error")
	defer g.Close()
	all, err := g.Snapshot()
	require.NoError(t, err)
	require.Len(t, g.Checks(), len(all))
	require.Len(t, g.Gauges(), 7*len(all))
	if g.Reason() != nil {
		require.ErrorIs(t, g.Reason(), quintet.ErrUnsupported)
		require.Empty(t, all)
		t.Logf("no device: %v", g.Reason())
		return
	}
	for _, d := range all {
		require.NotEmpty(t, d.UUID)
		require.LessOrEqual(t, d.MemoryUsed, d.MemoryTotal)
	}
	require.NoError(t, g.Close())
}

func two() *gpu.Fake {
	return &gpu.Fake{Devices: []gpu.Device{
		{UUID: "GPU-1", Name: "A", Utilization: .5, MemoryUsed: 1 << 30, MemoryTotal: 8 << 30, Power: 70, PowerLimit: 300, Energy: 9, Temperature: 40},
		{UUID: "GPU-2", Name: "A", MemoryUsed: 8 << 30, MemoryTotal: 8 << 30, Temperature: 60},
	}}
}

func TestChecksAndGauges(t *testing.T) {
	f := two()
	g, err := gpu.OpenFake(gpu.Options{MaxTemperature: 80}, f)
	require.NoError(t, err)
	require.NoError(t, g.Reason())
	checks := g.Checks()
	require.Equal(t, "gpu GPU-1", checks[0].Name)
	require.NoError(t, checks[0].Run(t.Context()))
	require.ErrorContains(t, checks[1].Run(t.Context()), "8192 of 8192 MiB in use, limit 98 %")

	values := make(map[string]float64)
	all := g.Gauges()
	for _, v := range all {
		values[v.Name+" "+v.Labels["uuid"]] = v.Value()
	}
	require.Len(t, values, 14)
	require.Equal(t, 0.5, values["quintet_gpu_utilization_ratio GPU-1"])
	require.Equal(t, 300.0, values["quintet_gpu_power_limit_watts GPU-1"])
	require.Equal(t, 60.0, values["quintet_gpu_temperature_celsius GPU-2"])
	_, err = monitor.NewMetrics(monitor.MetricsOptions{Gauges: all})
	require.NoError(t, err)

	f.Devices[0].Temperature = 81
	g.Forget()
	require.ErrorContains(t, checks[0].Run(t.Context()), "81 degrees Celsius, limit 80")
	f.Err = errors.New("fell off the bus")
	g.Forget()
	require.ErrorContains(t, checks[0].Run(t.Context()), "gpu GPU-1: fell off the bus")
	require.True(t, math.IsNaN(all[0].Value()))

	require.NoError(t, g.Close())
	require.NoError(t, g.Close())
	require.Equal(t, 1, f.Closed)
	_, err = g.Snapshot()
	require.ErrorIs(t, err, quintet.ErrClosed)
}

func TestNoDevicesIsNoError(t *testing.T) {
	for name, f := range map[string]*gpu.Fake{
		"none": {}, "unreadable": {Devices: []gpu.Device{{}}, Err: errors.New("lost")},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := gpu.OpenFake(gpu.Options{}, f)
			require.NoError(t, err)
			require.Error(t, g.Reason())
			require.Empty(t, g.Checks())
			require.Empty(t, g.Gauges())
			require.NoError(t, g.Close())
			require.Equal(t, 1, f.Closed)
		})
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	for name, o := range map[string]gpu.Options{
		"negative temperature": {MaxTemperature: -1}, "share above 1": {MaxMemory: 2}, "share is NaN": {MaxMemory: math.NaN()},
	} {
		t.Run(name, func(t *testing.T) {
			f := two()
			_, err := gpu.OpenFake(o, f)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.Equal(t, 1, f.Closed)
		})
	}
}

func ExampleOpen() {
	g, err := gpu.Open(gpu.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer g.Close()
	all, err := g.Snapshot()
	fmt.Println(len(all) > 0 || g.Reason() != nil, err)
	// Output:
	// true <nil>
}
