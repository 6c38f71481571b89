package gpu

import (
	"math"

	"github.com/quintet-ai/quintet/monitor"
)

// Gauges returns gauges of each device, with its UUID and name as labels. A device that
// cannot be read is NaN.
func (g *GPUs) Gauges() []monitor.Gauge {
	kinds := []struct {
		name, help string
		value      func(Device) float64
	}{
		{"quintet_gpu_utilization_ratio", "Share of the time that a device worked.", func(d Device) float64 { return d.Utilization }},
		{"quintet_gpu_memory_used_bytes", "Memory of a device in use.", func(d Device) float64 { return float64(d.MemoryUsed) }},
		{"quintet_gpu_memory_bytes", "Memory of a device.", func(d Device) float64 { return float64(d.MemoryTotal) }},
		{"quintet_gpu_power_watts", "Power that a device takes.", func(d Device) float64 { return d.Power }},
		{"quintet_gpu_power_limit_watts", "Power that a device may take.", func(d Device) float64 { return d.PowerLimit }},
		{"quintet_gpu_energy_joules", "Energy taken since the driver was loaded.", func(d Device) float64 { return d.Energy }},
		{"quintet_gpu_temperature_celsius", "Temperature of a device.", func(d Device) float64 { return d.Temperature }},
	}
	var all []monitor.Gauge
	for _, k := range kinds {
		for i, d := range g.known {
			all = append(all, monitor.Gauge{
				Name: k.name, Help: k.help, Labels: map[string]string{"uuid": d.UUID, "name": d.Name},
				Value: func() float64 {
					d, err := g.device(i)
					if err != nil {
						return math.NaN()
					}
					return k.value(d)
				},
			})
		}
	}
	return all
}
