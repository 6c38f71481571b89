package system_test

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor/system"
)

func TestThisMachine(t *testing.T) {
	dir := t.TempDir()
	s, err := system.New(system.Options{Paths: []string{dir}})
	require.NoError(t, err)
	now, err := s.Snapshot(t.Context())
	require.NoError(t, err)
	require.Greater(t, now.CPU.Processors, 0.0)
	require.LessOrEqual(t, now.CPU.Processors, float64(max(runtime.NumCPU(), int(now.CPU.Processors))))
	require.Greater(t, now.Memory.Total, uint64(64<<20))
	require.Greater(t, now.Memory.Used, uint64(0))
	require.Less(t, now.Memory.Share(), 1.01)
	require.Equal(t, dir, now.Disks[0].Path)
	require.Greater(t, now.Disks[0].Total, now.Disks[0].Used)
	for _, g := range s.Gauges() {
		require.False(t, math.IsNaN(g.Value()), g.Name)
	}
}

func TestBusyProcessorIsSeen(t *testing.T) {
	s, err := system.New(system.Options{})
	require.NoError(t, err)
	for start := time.Now(); time.Since(start) < 600*time.Millisecond; {
	}
	c, err := s.CPU(t.Context())
	require.NoError(t, err)
	require.Greater(t, c.Used, 0.0)
	require.LessOrEqual(t, c.Used, 1.0)
}

// tree writes files and returns their folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, body := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(body), 0o600))
	}
	return root
}

func TestLimitsOfContainers(t *testing.T) {
	const none = "9223372036854771712\n" // what version 1 says for no limit
	v2 := map[string]string{
		"proc/self/cgroup":              "0::/pod/box\n",
		"cg/cgroup.controllers":         "cpu memory\n",
		"cg/pod/cgroup.controllers":     "cpu memory\n",
		"cg/pod/cpu.max":                "25000 100000\n",
		"cg/pod/cpu.stat":               "usage_usec 2000000\nuser_usec 1\n",
		"cg/pod/memory.max":             "max\n",
		"cg/pod/memory.current":         "99999\n",
		"cg/pod/box/cgroup.controllers": "cpu memory\n",
		"cg/pod/box/cpu.max":            "max 100000\n",
		"cg/pod/box/cpu.stat":           "usage_usec 1000000\n",
		"cg/pod/box/memory.max":         "33554432\n",
		"cg/pod/box/memory.current":     "20971520\n",
		"cg/pod/box/memory.stat":        "anon 5\ninactive_file 4194304\n",
	}
	v1 := map[string]string{
		"proc/self/cgroup":                         "4:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n1:name=systemd:/\n0::/\n",
		"cg/cpu/cpu.cfs_quota_us":                  "50000\n", // the container sees its own group as the root
		"cg/cpu/cpu.cfs_period_us":                 "200000\n",
		"cg/cpuacct/cpuacct.usage":                 "7000000000\n",
		"cg/memory/memory.usage_in_bytes":          "99999999\n",
		"cg/memory/memory.limit_in_bytes":          none,
		"cg/memory/docker/x/memory.usage_in_bytes": "20971520\n",
		"cg/memory/docker/x/memory.limit_in_bytes": "33554432\n",
		"cg/memory/docker/x/memory.stat":           "cache 1\ntotal_inactive_file 4194304\n",
	}
	free := map[string]string{
		"proc/self/cgroup": "0::/\n", "cg/cgroup.controllers": "cpu\n", "cg/cpu.max": "nonsense", "cg/memory.max": "max",
	}
	for name, files := range map[string]map[string]string{"version 2": v2, "version 1": v1} {
		t.Run(name, func(t *testing.T) {
			root := tree(t, files)
			s, err := system.New(system.Options{CGroups: filepath.Join(root, "cg"), Proc: filepath.Join(root, "proc")})
			require.NoError(t, err)
			now, err := s.Snapshot(t.Context())
			require.NoError(t, err)
			require.Equal(t, system.CPU{Processors: 0.25, Limited: true}, now.CPU)
			require.Equal(t, system.Memory{Used: 16 << 20, Total: 32 << 20, Limited: true}, now.Memory)
			require.InDelta(t, 0.5, now.Memory.Share(), 1e-9)
		})
	}
	for name, files := range map[string]map[string]string{"no limits": free, "no groups": {}} {
		t.Run(name, func(t *testing.T) {
			root := tree(t, files)
			s, err := system.New(system.Options{CGroups: filepath.Join(root, "cg"), Proc: filepath.Join(root, "proc")})
			require.NoError(t, err)
			now, err := s.Snapshot(t.Context())
			require.NoError(t, err)
			require.False(t, now.CPU.Limited)
			require.False(t, now.Memory.Limited)
		})
	}
}

func TestChecksHeedThresholds(t *testing.T) {
	dir, gone := t.TempDir(), filepath.Join(t.TempDir(), "gone")
	run := func(o system.Options) map[string]error {
		s, err := system.New(o)
		require.NoError(t, err)
		out := make(map[string]error)
		for _, c := range s.Checks() {
			out[c.Name] = c.Run(t.Context())
		}
		return out
	}
	full := run(system.Options{Paths: []string{dir, gone}, MaxMemory: 1e-9, MaxDisk: 1e-12})
	require.NoError(t, full["cpu"])
	require.ErrorContains(t, full["memory"], "MiB in use, limit 0 %")
	require.ErrorContains(t, full["disk "+dir], "in use")
	require.ErrorIs(t, full["disk "+gone], fs.ErrNotExist)
	roomy := run(system.Options{Paths: []string{dir}, MaxMemory: 1, MaxDisk: 1})
	require.NoError(t, roomy["memory"])
	require.NoError(t, roomy["disk "+dir])

	s, err := system.New(system.Options{Paths: []string{gone}})
	require.NoError(t, err, "a disk may be mounted later")
	_, err = s.Snapshot(t.Context())
	require.ErrorIs(t, err, fs.ErrNotExist)
	gauges := s.Gauges()
	require.True(t, math.IsNaN(gauges[len(gauges)-1].Value()))
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	for name, o := range map[string]system.Options{
		"share above 1":  {MaxCPU: 1.5},
		"negative share": {MaxDisk: -1},
		"share is NaN":   {MaxMemory: math.NaN()},
		"empty path":     {Paths: []string{""}},
		"path twice":     {Paths: []string{"/", "/"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := system.New(o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
}

func ExampleSystem_Checks() {
	s, err := system.New(system.Options{Paths: []string{"."}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range s.Checks() {
		fmt.Println(c.Name, c.Optional)
	}
	now, err := s.Snapshot(context.Background())
	fmt.Println(now.Memory.Total > 0, err)
	// Output:
	// cpu true
	// memory false
	// disk . false
	// true <nil>
}
