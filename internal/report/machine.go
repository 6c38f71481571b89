package report

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Machine says where and when a report was made. What cannot be found out is
// empty.
type Machine struct {
	CPU    string    `json:"cpu"`    // model name
	Cores  int       `json:"cores"`  // that the program may use
	System string    `json:"system"` // operating system and architecture, such as "linux/amd64"
	Go     string    `json:"go"`     // version
	Load   string    `json:"load"`   // averages over 1, 5 and 15 minutes at the start
	Commit string    `json:"commit"` // short hash, "+dirty" if files differ from it
	Date   time.Time `json:"date"`   // of the start, UTC
	Clock  string    `json:"clock"`  // what times are, "CPU time" or "wall time"
}

// thisMachine describes the machine, and the checkout in the working directory.
func thisMachine() Machine {
	return Machine{
		CPU: cpuModel(), Cores: runtime.GOMAXPROCS(0),
		System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		Load: load(), Commit: commit(),
		Date: time.Now().UTC().Truncate(time.Second), Clock: clockName,
	}
}

func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return output("sysctl", "-n", "machdep.cpu.brand_string")
	}
	return cpuinfoModel(string(info))
}

// cpuinfoModel returns the first model name; ARM kernels print none.
func cpuinfoModel(info string) string {
	for l := range strings.Lines(info) {
		if key, value, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	f := strings.Fields(string(b))
	return strings.Join(f[:min(3, len(f))], " ")
}

func commit() string {
	hash := output("git", "rev-parse", "--short", "HEAD")
	if hash != "" && output("git", "status", "--porcelain") != "" {
		hash += "+dirty"
	}
	return hash
}

// output runs a command and returns what it printed, nothing if it failed.
func output(name string, args ...string) string {
	b, err := exec.Command(name, args...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
