package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-ai/quintet/internal/report"
)

// audioFigures are those of package audio and of audio/dsp.
func audioFigures() []report.Figure {
	return slices.Concat(
		audioSpeedFigures(),
		audioDecodeFigures(),
		audioTempoFigures(),
		audioLoudnessFigures(),
	)
}

// compiled builds the harness in a folder of this one, or says which Debian packages
// bring what it wants.
func compiled(dir, source, packages string, libraries ...string) (string, error) {
	path := filepath.Join(dir, source)
	args := []string{"-O3", "-march=native", "-o", path, source + "/main.cpp"}
	if out, err := exec.Command("g++", append(args, libraries...)...).CombinedOutput(); err != nil {
		return "", report.Skip("no " + packages + " and g++: " + firstLine(out, err))
	}
	return path, nil
}

// inFolder makes a folder for the time of a measurement.
func inFolder(measure func(m *report.Meter, dir string) ([]float64, error)) func(m *report.Meter) ([]float64, error) {
	return func(m *report.Meter) ([]float64, error) {
		dir, err := os.MkdirTemp("", "audio")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		return measure(m, dir)
	}
}

// writeFloats writes a file of numbers and returns its path.
func writeFloats(dir, name string, values []float32) (string, error) {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	path := filepath.Join(dir, name)
	return path, os.WriteFile(path, b, 0o600)
}

func readFloats(path string) ([]float32, error) {
	b, err := os.ReadFile(path)
	out := make([]float32, len(b)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out, err
}

// versus measures ours beside a harness, in alternating rounds: both in milliseconds of
// CPU time, the harness the best of five. The peer's are noted.
func versus(m *report.Meter, ours func(), name string, harness ...string) ([]float64, error) {
	ours() // memory has grown
	var mine, theirs []float64
	for range m.Rounds() {
		out, err := exec.Command(harness[0], harness[1:]...).Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		best := math.Inf(1)
		for _, line := range strings.Fields(string(out)) {
			ms, err := strconv.ParseFloat(line, 64)
			if err != nil {
				return nil, err
			}
			best = min(best, ms)
		}
		theirs = append(theirs, best)
		best = math.Inf(1)
		for range harnessRounds {
			best = min(best, float64(m.Took(ours))/float64(time.Millisecond))
		}
		mine = append(mine, best)
	}
	m.Note("%s %.3g ms, %.2f x", name, middle(theirs), middle(mine)/middle(theirs))
	return mine, nil
}

const harnessRounds = 5
