package system

import (
	"math"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// groups are the folders of the control groups that this process is in, from its own
// to the outermost that can be seen; empty where there are none, as not on Linux.
type groups struct {
	v2                 []string
	cpu1, usage1, mem1 []string // of version 1
}

// findGroups reads /proc/self/cgroup, whose lines are "ID:controllers:path"; version 2
// has ID 0 and no controllers. In a container the path may be that of the host, which
// is not there: the root of the mount is the container's own group then.
func findGroups(o Options) (g groups) {
	body, err := os.ReadFile(filepath.Join(o.Proc, "self", "cgroup"))
	if err != nil {
		return g
	}
	for line := range strings.Lines(string(body)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		if parts[0] == "0" && parts[1] == "" {
			g.v2 = upwards(o.CGroups, parts[2], "cgroup.controllers")
			continue
		}
		for c := range strings.SplitSeq(parts[1], ",") {
			switch c {
			case "cpu":
				g.cpu1 = upwards(filepath.Join(o.CGroups, "cpu"), parts[2], "cpu.cfs_quota_us")
			case "cpuacct":
				g.usage1 = upwards(filepath.Join(o.CGroups, "cpuacct"), parts[2], "cpuacct.usage")
			case "memory":
				g.mem1 = upwards(filepath.Join(o.CGroups, "memory"), parts[2], "memory.usage_in_bytes")
			}
		}
	}
	return g
}

// upwards returns the folders from name to root that hold the file.
func upwards(root, name, file string) (found []string) {
	for p := path.Clean("/" + name); ; p = path.Dir(p) {
		dir := filepath.Join(root, filepath.FromSlash(p))
		if _, err := os.Stat(filepath.Join(dir, file)); err == nil {
			found = append(found, dir)
		}
		if p == "/" {
			return found
		}
	}
}

// processors returns the least limit of the groups and the seconds that processors
// worked for the group that has it.
func (g groups) processors() (limit, busy float64, ok bool) {
	limit = math.Inf(1)
	for _, dir := range g.v2 {
		quota, period, _ := strings.Cut(text(dir, "cpu.max"), " ") // "max 100000" has no limit
		q, qerr := strconv.ParseFloat(quota, 64)
		p, perr := strconv.ParseFloat(period, 64)
		used, there := field(dir, "cpu.stat", "usage_usec")
		if qerr == nil && perr == nil && p > 0 && q/p < limit && there {
			limit, busy, ok = q/p, float64(used)/1e6, true
		}
	}
	for i, dir := range g.cpu1 {
		q, qok := number(dir, "cpu.cfs_quota_us") // -1 is no limit, and no number for us
		p, pok := number(dir, "cpu.cfs_period_us")
		if !qok || !pok || p == 0 || float64(q)/float64(p) >= limit || i >= len(g.usage1) {
			continue
		}
		if used, there := number(g.usage1[i], "cpuacct.usage"); there {
			limit, busy, ok = float64(q)/float64(p), float64(used)/1e9, true
		}
	}
	return limit, busy, ok
}

// memory returns the least limit of the groups and what the group that has it uses.
func (g groups) memory() (limit, used uint64, ok bool) {
	limit = math.MaxUint64
	take := func(dir, max, current, inactive string) {
		l, lok := number(dir, max) // "max" is no limit, and no number
		u, uok := number(dir, current)
		if lok && uok && l < limit {
			cache, _ := field(dir, "memory.stat", inactive)
			limit, used, ok = l, u-min(u, cache), true
		}
	}
	for _, dir := range g.v2 {
		take(dir, "memory.max", "memory.current", "inactive_file")
	}
	for _, dir := range g.mem1 {
		take(dir, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
	}
	return limit, used, ok
}

// text returns a small file without its end, "" if it cannot be read.
func text(dir, file string) string {
	b, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func number(dir, file string) (uint64, bool) {
	n, err := strconv.ParseUint(text(dir, file), 10, 64)
	return n, err == nil
}

// field returns the number behind a key in a file of lines "key number".
func field(dir, file, key string) (uint64, bool) {
	for line := range strings.Lines(text(dir, file)) {
		if k, v, _ := strings.Cut(strings.TrimSpace(line), " "); k == key {
			n, err := strconv.ParseUint(v, 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
