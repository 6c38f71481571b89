package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/quintet-ai/quintet/internal/report"
)

// productionFigures are those of whole processes. Programs and tests of
// internal/deploytest measure them, since what they need would be too much for this module.
func productionFigures() []report.Figure {
	return []report.Figure{
		{Name: "production/start_to_ready", Unit: "s", Goal: report.AtMost(3), Measure: deployFigure("start")},
		{Name: "production/redis_tier_p50", Unit: "us", Goal: report.AtMost(150), Measure: deployFigure("redis")},
		{Name: "production/soak_lost", Goal: report.AtMost(0), Measure: soakLost},
	}
}

// deployFigure runs a figure, which prints one value a line.
func deployFigure(name string) func(*report.Meter) ([]float64, error) {
	return func(m *report.Meter) (values []float64, err error) {
		if name == "redis" {
			if _, err := exec.LookPath("redis-server"); err != nil {
				return nil, report.Skip("no redis-server, which Debian's package redis-server brings")
			}
		}
		c := exec.Command("go", "run", "./figures", name)
		c.Dir = "../deploytest"
		var said bytes.Buffer
		c.Stderr = &said
		out, err := c.Output()
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, said.Bytes())
		}
		for line := range strings.Lines(string(out)) {
			v, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
			if err != nil {
				return nil, err
			}
			values = append(values, v)
		}
		m.Note("wall time")
		return values, nil
	}
}

var accounted = regexp.MustCompile(`answered (\d+), jobs (\d+), vectors (\d+), none lost; sent again (\d+)`)

// soakLost runs the whole service under load and faults. The test fails if anything that
// was accepted is lost; QUINTET_SOAK makes it longer.
func soakLost(m *report.Meter) ([]float64, error) {
	out, err := exec.Command("go", "test", "-C", "../deploytest", "-count=1", "-timeout", "24h", "-run", "TestGraph", "-v", ".").CombinedOutput()
	found := accounted.FindAllStringSubmatch(string(out), -1)
	switch {
	case bytes.Contains(out, []byte("--- SKIP")):
		return nil, report.Skip("not all programs are there: run the test to see which")
	case err != nil || len(found) == 0:
		return nil, fmt.Errorf("%w: %s", err, out[max(0, len(out)-2000):])
	}
	last := found[len(found)-1]
	m.Note("%s requests, %s jobs and %s vectors while processes were killed and stopped", last[1], last[2], last[3])
	return []float64{0}, nil
}
