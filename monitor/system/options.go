package system

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/quintet-ai/quintet"
)

// Options configures [New]. The zero value watches processor and memory.
type Options struct {
	// Paths are folders whose disks are watched. Default: none.
	Paths []string

	// MaxCPU is the share of the processors that may be in use before the check of
	// them fails, 0 < MaxCPU <= 1. Default: 0.95.
	MaxCPU float64

	// MaxMemory is the same for memory. Default: 0.92.
	MaxMemory float64

	// MaxDisk is the same for the disk of each path. Default: 0.9.
	MaxDisk float64

	// CGroups is the folder where control groups are mounted, Linux only. Default:
	// /sys/fs/cgroup.
	CGroups string

	// Proc is the folder of the kernel's files about processes, Linux only. Default:
	// /proc.
	Proc string
}

func (o Options) withDefaults() (Options, error) {
	o.Paths = slices.Clone(o.Paths)
	for _, share := range []*float64{&o.MaxCPU, &o.MaxMemory, &o.MaxDisk} {
		if !(*share >= 0 && *share <= 1) {
			return o, fmt.Errorf("threshold is %v, want a share up to 1: %w", *share, quintet.ErrOption)
		}
	}
	for i, p := range o.Paths {
		if p == "" || slices.Contains(o.Paths[:i], p) {
			return o, fmt.Errorf("path %q is empty or comes twice: %w", p, quintet.ErrOption)
		}
	}
	o.MaxCPU = cmp.Or(o.MaxCPU, 0.95)
	o.MaxMemory = cmp.Or(o.MaxMemory, 0.92)
	o.MaxDisk = cmp.Or(o.MaxDisk, 0.9)
	o.CGroups = cmp.Or(o.CGroups, "/sys/fs/cgroup")
	o.Proc = cmp.Or(o.Proc, "/proc")
	return o, nil
}
