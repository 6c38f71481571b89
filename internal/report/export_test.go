package report

import "time"

// NewMeter returns a meter on a clock of the test's own.
func NewMeter(rounds int, clock func() time.Duration) *Meter {
	return &Meter{rounds: rounds, clock: clock}
}

var (
	Number       = number
	CPUInfoModel = cpuinfoModel
)
