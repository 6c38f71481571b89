// Package system measures the processor, memory and disks that a process may use, for
// checks and gauges of package monitor.
//
//	s, err := system.New(system.Options{Paths: []string{"/var/lib/quintet"}})
//	health, err := monitor.NewHealth(monitor.HealthOptions{Checks: s.Checks()})
//	metrics, err := monitor.NewMetrics(monitor.MetricsOptions{Gauges: s.Gauges()})
//
// In a container the limits of its control group count, not those of the host: on
// Linux groups of version 1 and 2 are read, with the limits of the groups above.
//
// # Limits
//
// Memory of a control group is what it uses without the file cache that it can give
// back. The use of the processor is a mean since the reading before. Disks are asked
// once for each path; one on a network that hangs holds the reader, which is why checks
// have a timeout. Not on Linux, limits of containers are not known.
package system
