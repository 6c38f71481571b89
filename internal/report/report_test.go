package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/report"
)

// fixed is a figure that measures nothing and has the given values.
func fixed(name string, g report.Goal, values ...float64) report.Figure {
	return report.Figure{Name: name, Unit: "x", Peer: "peer", Goal: g,
		Measure: func(*report.Meter) ([]float64, error) { return values, nil }}
}

// fails is a figure whose measurement ends with err.
func fails(name string, err error) report.Figure {
	f := fixed(name, report.AtLeast(1))
	f.Measure = func(*report.Meter) ([]float64, error) { return nil, err }
	return f
}

// all has one figure of every verdict.
func all() []report.Figure {
	panics := fixed("b/panics", report.AtLeast(1))
	panics.Measure = func(*report.Meter) ([]float64, error) { panic("index 7") }
	absolute := report.Figure{Name: "b/absolute", Unit: "ns", Goal: report.AtMost(1000),
		Measure: func(m *report.Meter) ([]float64, error) {
			m.Note("%d of %d", 1, m.Rounds())
			return []float64{812.4}, nil
		}}
	return []report.Figure{
		fixed("a/fast", report.AtLeast(1.4), 1.38, 1.47, 1.43),
		fixed("a/slow", report.AtLeast(1.4), 1.3),
		fixed("a/cheap", report.AtMost(1.3), 1.3),
		fixed("a/dear", report.AtMost(1.3), 1.31),
		fixed("a/known", report.Goal{}, 22),
		absolute,
		fails("b/absent", report.Skip("no hnswlib")),
		fails("b/broken", errors.New("cc: error\nline 2")),
		panics,
		fixed("b/nan", report.AtLeast(1), 1, math.NaN()),
		fixed("b/none", report.AtLeast(1)),
	}
}

func run(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	var out, complaint bytes.Buffer
	require.Zero(t, report.Main(args, &out, &complaint, all()), complaint.String())
	require.Empty(t, complaint.String())
	return out.String()
}

func TestLines(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(run(t, "-rounds", "3")), "\n")
	require.Equal(t, []string{
		"a/fast         1.43x peer goal 1.40   ok  [1.38-1.47]",
		"a/slow         1.30x peer goal 1.40   short",
		"a/cheap        1.30x peer goal <=1.30 ok",
		"a/dear         1.31x peer goal <=1.30 short",
		"a/known        22.0x peer goal -      info",
		"b/absolute     812ns -    goal <=1000 ok  1 of 3",
		"b/absent           - peer goal 1.00   skipped(no hnswlib)",
		"b/broken           - peer goal 1.00   error(cc: error ...)",
		"b/panics           - peer goal 1.00   error(panic: index 7)",
		"b/nan              - peer goal 1.00   error(values [1 NaN])",
		"b/none             - peer goal 1.00   error(no values)",
	}, lines[3:])
	require.Regexp(t, `^# \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, commit \S+$`, lines[0])
	require.Regexp(t, `^# .+, \d+ cores, \w+/\w+, go\S+.*, load .+$`, lines[1])
	require.Regexp(t, `^# (CPU|wall) time, median of 3 rounds \[range\]$`, lines[2])
}

func TestSelection(t *testing.T) {
	tests := map[string]struct {
		args []string
		want string // first letters of the lines
	}{
		"all":                 {nil, "fscdkaabpnn"},
		"one area":            {[]string{"-area", "a"}, "fscdk"},
		"two areas":           {[]string{"-area", "b,a"}, "fscdkaabpnn"},
		"by name":             {[]string{"-figure", "/a"}, "aa"},
		"by area and name":    {[]string{"-area", "a", "-figure", "(slow|nan)$"}, "s"},
		"by beginning":        {[]string{"-figure", "^a/d"}, "d"},
		"by the wrong letter": {[]string{"-figure", "^a/[ck]"}, "ck"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			for l := range strings.Lines(run(t, tt.args...)) {
				if !strings.HasPrefix(l, "#") {
					got += l[2:3]
				}
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestJSON(t *testing.T) {
	var r report.Report
	require.NoError(t, json.Unmarshal([]byte(run(t, "-json", "-rounds", "3")), &r))
	require.NotEmpty(t, r.Machine.System)
	require.NotEmpty(t, r.Machine.Clock)
	require.WithinDuration(t, time.Now(), r.Machine.Date, time.Hour)
	require.Len(t, r.Figures, len(all()))
	require.Equal(t, report.Result{Name: "a/fast", Value: 1.43, Unit: "x", Low: 1.38, High: 1.47, Rounds: 3, Peer: "peer",
		Goal: 1.4, Sense: report.Least, Status: report.OK}, r.Figures[0])
	require.Equal(t, report.Result{Name: "b/absolute", Value: 812.4, Unit: "ns", Low: 812.4, High: 812.4, Rounds: 1,
		Goal: 1000, Sense: report.Most, Status: report.OK, Note: "1 of 3"}, r.Figures[5])
	require.Equal(t, report.Result{Name: "b/broken", Unit: "x", Peer: "peer",
		Goal: 1, Sense: report.Least, Status: report.Failed, Reason: "cc: error\nline 2"}, r.Figures[7])
}

func TestBadUsage(t *testing.T) {
	noMeasure := all()[:1]
	noMeasure[0].Measure = nil
	tests := map[string]struct {
		args    []string
		figures []report.Figure
		want    string
	}{
		"unknown area":       {[]string{"-area", "c"}, all(), `no area "c", there are a, b`},
		"empty area":         {[]string{"-area", "a,"}, all(), `no area "", there are a, b`},
		"no such figure":     {[]string{"-figure", "zebra"}, all(), `no figure of a, b matches "zebra"`},
		"bad pattern":        {[]string{"-figure", "("}, all(), "missing closing )"},
		"no rounds":          {[]string{"-rounds", "0"}, all(), "-rounds is 0, want at least 1"},
		"an argument":        {[]string{"simd"}, all(), `unexpected argument "simd"`},
		"unknown flag":       {[]string{"-fast"}, all(), "flag provided but not defined: -fast"},
		"two of a name":      {nil, append(all(), all()...), "two figures are named a/fast"},
		"no area in a name":  {nil, []report.Figure{fixed("fast", report.Goal{})}, `figure "fast"`},
		"a space in a name":  {nil, []report.Figure{fixed("a/very fast", report.Goal{})}, `figure "a/very fast"`},
		"nothing to measure": {nil, noMeasure, "a/fast has no Measure"},
		"no figures":         {nil, nil, "no figure"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out, complaint bytes.Buffer
			require.Equal(t, 2, report.Main(tt.args, &out, &complaint, tt.figures))
			require.Contains(t, complaint.String(), tt.want)
			require.Empty(t, out.String())
		})
	}
}

func TestHelpIsNoMistake(t *testing.T) {
	var out, help bytes.Buffer
	require.Zero(t, report.Main([]string{"-h"}, &out, &help, all()))
	require.Contains(t, help.String(), "measure these areas only: a,b")
}

func TestAReportThatCannotBeWrittenFails(t *testing.T) {
	for _, args := range [][]string{nil, {"-json"}} {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		require.NoError(t, r.Close())
		require.NoError(t, w.Close())
		var complaint bytes.Buffer
		require.Equal(t, 1, report.Main(args, w, &complaint, all()))
		require.NotEmpty(t, complaint.String())
	}
}

func TestNumbersHaveThreeDigits(t *testing.T) {
	for want, v := range map[string]float64{"0.00": 0, "0.12": 0.123, "1.43": 1.434, "9.99": 9.99, "10.0": 9.998,
		"21.5": 21.5, "100": 99.96, "109": 109.2, "12345": 12345, "-1.50": -1.5} {
		require.Equal(t, want, report.Number(v))
	}
}

func TestCPUInfoModel(t *testing.T) {
	const info = "processor\t: 0\nmodel\t\t: 1\nmodel name\t: AMD EPYC: 7763\nmodel name : B\n"
	require.Equal(t, "AMD EPYC: 7763", report.CPUInfoModel(info))
	require.Empty(t, report.CPUInfoModel("processor\t: 0\nBogoMIPS\t: 50.00\n"))
}
