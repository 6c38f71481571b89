package system

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/disk"
	"github.com/shirou/gopsutil/v4/mem"

	"github.com/quintet-ai/quintet/monitor"
)

// System measures the machine or container. It is safe for concurrent use, holds no
// goroutine and needs no Close.
type System struct {
	opt   Options
	group groups

	mu   sync.Mutex
	last reading
	cpu  CPU
}

// reading is the time that processors worked until a moment.
type reading struct {
	at         time.Time
	busy       float64 // seconds
	ofGroup    bool
	processors float64
}

// New returns a system. The first use of the processor is that since New.
func New(o Options) (*System, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &System{opt: o, group: findGroups(o)}
	if s.last, err = s.read(context.Background()); err != nil {
		return nil, fmt.Errorf("processor: %w", err)
	}
	s.cpu = CPU{Processors: s.last.processors, Limited: s.last.ofGroup}
	return s, nil
}

// Snapshot is what is in use at a moment.
type Snapshot struct {
	At     time.Time `json:"at"`     // when
	CPU    CPU       `json:"cpu"`    // processors
	Memory Memory    `json:"memory"` // of the container or machine
	Disks  []Disk    `json:"disks"`  // in the order of the paths
}

// CPU is the use of processors.
type CPU struct {
	Used       float64 `json:"used"`       // share of Processors since the reading before, 0 to 1
	Processors float64 `json:"processors"` // that may be used; a container may have 0.5
	Limited    bool    `json:"limited"`    // by a control group
}

// Memory is the use of memory in bytes.
type Memory struct {
	Used    uint64 `json:"used"`    // without what can be given back at once
	Total   uint64 `json:"total"`   // that may be used
	Limited bool   `json:"limited"` // by a control group
}

// Share returns Used as a share of Total, 0 if Total is not known.
func (m Memory) Share() float64 { return share(m.Used, m.Total) }

// Disk is the use of the disk of a path in bytes.
type Disk struct {
	Path  string `json:"path"`  // as in the options
	Used  uint64 `json:"used"`  // by files
	Free  uint64 `json:"free"`  // for this user
	Total uint64 `json:"total"` // Used and Free
}

// Share returns Used as a share of Total, 0 if Total is not known.
func (d Disk) Share() float64 { return share(d.Used, d.Total) }

func share(used, total uint64) float64 {
	if total == 0 {
		return 0
	}
	return float64(used) / float64(total)
}

// Snapshot measures everything. It fails with an error of the operating system, such
// as for a path that does not exist.
func (s *System) Snapshot(ctx context.Context) (Snapshot, error) {
	out := Snapshot{At: time.Now(), Disks: make([]Disk, len(s.opt.Paths))}
	var err error
	if out.CPU, err = s.CPU(ctx); err != nil {
		return Snapshot{}, err
	}
	if out.Memory, err = s.Memory(ctx); err != nil {
		return Snapshot{}, err
	}
	for i, p := range s.opt.Paths {
		if out.Disks[i], err = diskOf(ctx, p); err != nil {
			return Snapshot{}, err
		}
	}
	return out, nil
}

// CPU measures the processors. Within half a second it returns the same again, so that
// several readers do not take each other's time.
func (s *System) CPU(ctx context.Context) (CPU, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	passed := time.Since(s.last.at).Seconds()
	if passed < 0.5 {
		return s.cpu, nil
	}
	now, err := s.read(ctx)
	if err != nil {
		return CPU{}, fmt.Errorf("processor: %w", err)
	}
	s.cpu.Processors, s.cpu.Limited = now.processors, now.ofGroup
	if now.ofGroup == s.last.ofGroup && now.processors > 0 {
		used := (now.busy - s.last.busy) / (now.at.Sub(s.last.at).Seconds() * now.processors)
		s.cpu.Used = min(1, max(0, used))
	}
	s.last = now
	return s.cpu, nil
}

// read returns the time of the group if it has a limit, of the machine otherwise.
func (s *System) read(ctx context.Context) (reading, error) {
	processors, err := cpu.CountsWithContext(ctx, true)
	if err != nil {
		return reading{}, err
	}
	if limit, busy, ok := s.group.processors(); ok && limit < float64(processors) {
		return reading{time.Now(), busy, true, limit}, nil
	}
	times, err := cpu.TimesWithContext(ctx, false)
	if err != nil || len(times) == 0 {
		return reading{}, fmt.Errorf("no times of processors: %w", err)
	}
	t := times[0] // guests are in user and nice already
	busy := t.User + t.Nice + t.System + t.Irq + t.Softirq + t.Steal
	return reading{time.Now(), busy, false, float64(processors)}, nil
}

// Memory measures memory.
func (s *System) Memory(ctx context.Context) (Memory, error) {
	m, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return Memory{}, fmt.Errorf("memory: %w", err)
	}
	if limit, used, ok := s.group.memory(); ok && limit < m.Total {
		return Memory{Used: used, Total: limit, Limited: true}, nil
	}
	return Memory{Used: m.Total - min(m.Available, m.Total), Total: m.Total}, nil
}

func diskOf(ctx context.Context, path string) (Disk, error) {
	u, err := disk.UsageWithContext(ctx, path)
	if err != nil {
		return Disk{}, fmt.Errorf("disk of %s: %w", path, err)
	}
	return Disk{Path: path, Used: u.Used, Free: u.Free, Total: u.Used + u.Free}, nil
}

// Checks returns one check for the processors, which is optional, one for memory and
// one for each path: they fail above the thresholds of the options.
func (s *System) Checks() []monitor.Check {
	checks := []monitor.Check{
		{Name: "cpu", Optional: true, Run: func(ctx context.Context) error {
			c, err := s.CPU(ctx)
			return verdict(err, c.Used, s.opt.MaxCPU, fmt.Sprintf("%.3g processors", c.Processors))
		}},
		{Name: "memory", Run: func(ctx context.Context) error {
			m, err := s.Memory(ctx)
			return verdict(err, m.Share(), s.opt.MaxMemory, fmt.Sprintf("%d MiB", m.Total>>20))
		}},
	}
	for _, p := range s.opt.Paths {
		checks = append(checks, monitor.Check{Name: "disk " + p, Run: func(ctx context.Context) error {
			d, err := diskOf(ctx, p)
			return verdict(err, d.Share(), s.opt.MaxDisk, fmt.Sprintf("%d MiB", d.Total>>20))
		}})
	}
	return checks
}

func verdict(err error, used, limit float64, of string) error {
	if err == nil && used > limit {
		return fmt.Errorf("%.0f %% of %s in use, limit %.0f %%", 100*used, of, 100*limit)
	}
	return err
}

// Gauges returns gauges of what is in use and what there is. A value that cannot be
// read is NaN.
func (s *System) Gauges() []monitor.Gauge {
	cpu := func(value func(CPU) float64) func() float64 {
		return func() float64 { return valueOf(s.CPU, value) }
	}
	memory := func(value func(Memory) float64) func() float64 {
		return func() float64 { return valueOf(s.Memory, value) }
	}
	all := []monitor.Gauge{
		{Name: "quintet_system_cpu_used_ratio", Help: "Share of the processors in use.", Value: cpu(func(c CPU) float64 { return c.Used })},
		{Name: "quintet_system_processors", Help: "Processors that may be used.", Value: cpu(func(c CPU) float64 { return c.Processors })},
		{Name: "quintet_system_memory_used_bytes", Help: "Memory in use.", Value: memory(func(m Memory) float64 { return float64(m.Used) })},
		{Name: "quintet_system_memory_bytes", Help: "Memory that may be used.", Value: memory(func(m Memory) float64 { return float64(m.Total) })},
	}
	for _, p := range s.opt.Paths {
		read := func(ctx context.Context) (Disk, error) { return diskOf(ctx, p) }
		labels := map[string]string{"path": p}
		all = append(all,
			monitor.Gauge{Name: "quintet_system_disk_used_bytes", Help: "Space taken on the disk of a path.", Labels: labels,
				Value: func() float64 { return valueOf(read, func(d Disk) float64 { return float64(d.Used) }) }},
			monitor.Gauge{Name: "quintet_system_disk_bytes", Help: "Space on the disk of a path.", Labels: labels,
				Value: func() float64 { return valueOf(read, func(d Disk) float64 { return float64(d.Total) }) }},
		)
	}
	return all
}

func valueOf[T any](read func(context.Context) (T, error), value func(T) float64) float64 {
	v, err := read(context.Background())
	if err != nil {
		return math.NaN()
	}
	return value(v)
}
