// Package gpu measures NVIDIA graphics processors, for checks and gauges of package
// monitor.
//
//	g, err := gpu.Open(gpu.Options{})
//	defer g.Close()
//	health, err := monitor.NewHealth(monitor.HealthOptions{Checks: g.Checks()})
//	metrics, err := monitor.NewMetrics(monitor.MetricsOptions{Gauges: g.Gauges()})
//
// It asks the management library of the driver, NVML, which is looked for when Open is
// called and is not linked. Without it, without cgo or not on Linux there are no
// devices, which is no error: [GPUs.Reason] says why. It is a module of its own.
//
// # Limits
//
// Devices are those at the time of Open, told apart by UUID. What a device does not
// tell, such as the power of some, is 0. Instances of a device that is split (MIG) are
// not seen apart.
package gpu
