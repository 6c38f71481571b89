package report

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Figure is a number to be measured.
type Figure struct {
	Name string // area and figure, such as "simd/dot_384", without spaces
	Unit string // printed behind the value: "x" for ratios, "ns", "%"
	Peer string // what a ratio compares with, empty for an absolute number
	Goal Goal   // zero value: for information only

	// Parallel counts the CPU time of all threads of the process instead of
	// the measuring one's.
	Parallel bool

	// Measure returns one value per round, at least one. What it prepares
	// is not measured. An error from [Skip] leaves the figure out.
	Measure func(m *Meter) ([]float64, error)
}

// Area is the part of the name before the slash.
func (f Figure) Area() string {
	area, _, _ := strings.Cut(f.Name, "/")
	return area
}

// Goal says which values are good.
type Goal struct {
	Limit float64 // in the figure's unit
	Sense Sense
}

// Sense says on which side of the limit a value is good.
type Sense string

// The senses of a [Goal].
const (
	None  Sense = ""         // any value
	Least Sense = "at least" // the limit and more
	Most  Sense = "at most"  // the limit and less
)

// AtLeast is the goal of a value that should be large, such as a speedup.
func AtLeast(limit float64) Goal { return Goal{limit, Least} }

// AtMost is the goal of a value that should be small, such as a cost.
func AtMost(limit float64) Goal { return Goal{limit, Most} }

// met reports whether v, which is a number, reaches the goal.
func (g Goal) met(v float64) bool {
	return g.Sense == None || g.Sense == Least && v >= g.Limit || g.Sense == Most && v <= g.Limit
}

// String prints the limit, behind "<=" if it is an upper one, or "-" for no goal.
func (g Goal) String() string {
	switch g.Sense {
	case Least:
		return number(g.Limit)
	case Most:
		return "<=" + number(g.Limit)
	}
	return "-"
}

// number prints three digits, or all those before the point.
func number(v float64) string {
	digits := 2
	switch a := math.Abs(v); {
	case a >= 99.95:
		digits = 0
	case a >= 9.995:
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// Skip returns the error with which a measurement says that it cannot run here.
func Skip(reason string) error { return skip(reason) }

type skip string

func (s skip) Error() string { return string(s) }

// Status is the verdict on a figure.
type Status string

// The verdicts.
const (
	OK      Status = "ok"      // the goal is met
	Short   Status = "short"   // it is not
	Info    Status = "info"    // there is none
	Skipped Status = "skipped" // not measured, for the reason given
	Failed  Status = "error"   // the measurement failed
)

// Result is a measured figure, with Name, Unit, Peer and Goal as declared. Value
// is the median of the rounds, Low and High are the extremes; all are zero if the
// status is Skipped or Failed.
type Result struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit,omitempty"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Rounds int     `json:"rounds"` // how many values the median is of
	Peer   string  `json:"peer,omitempty"`
	Goal   float64 `json:"goal,omitempty"` // its limit
	Sense  Sense   `json:"sense,omitempty"`
	Status Status  `json:"status"`
	Reason string  `json:"reason,omitempty"` // of Skipped and Failed
	Note   string  `json:"note,omitempty"`   // what the measurement adds, such as the times behind a ratio
}

// measure runs the figure. A panic of its measurement is an error of the figure.
func (f Figure) measure(rounds int) (r Result) {
	r = Result{Name: f.Name, Unit: f.Unit, Peer: f.Peer, Goal: f.Goal.Limit, Sense: f.Goal.Sense}
	m := &Meter{rounds: rounds, parallel: f.Parallel}
	defer func() {
		if p := recover(); p != nil {
			r.Status, r.Reason = Failed, fmt.Sprintf("panic: %v", p)
		}
	}()
	values, err := f.Measure(m)
	r.judge(f.Goal, values, err)
	r.Note = m.note
	return r
}

// judge fills in values and status.
func (r *Result) judge(g Goal, values []float64, err error) {
	var s skip
	switch {
	case errors.As(err, &s):
		r.Status, r.Reason = Skipped, string(s)
		return
	case err == nil && len(values) == 0:
		err = errors.New("no values")
	case err == nil && slices.ContainsFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }):
		err = fmt.Errorf("values %v", values)
	}
	if err != nil {
		r.Status, r.Reason = Failed, err.Error()
		return
	}
	r.Value, r.Low, r.High, r.Rounds = median(values), slices.Min(values), slices.Max(values), len(values)
	switch {
	case g.Sense == None:
		r.Status = Info
	case g.met(r.Value):
		r.Status = OK
	default:
		r.Status = Short
	}
}

// median returns the middle value, or the mean of the two middle ones.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
