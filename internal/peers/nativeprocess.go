package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
)

// loadFigures are the time to open the file of theModel, 90 MB, and that until the
// answer to a first text of 8 tokens.
func loadFigures() []report.Figure {
	figure := func(name string, goal report.Goal, in []optimize.Tensor) report.Figure {
		return report.Figure{Name: "native/" + name, Unit: "x", Peer: "onnxruntime", Goal: goal, Parallel: true,
			Measure: func(m *report.Meter) ([]float64, error) { return loading(m, in) }}
	}
	return []report.Figure{figure("load", report.AtMost(0.5), nil), figure("load_and_run", report.Goal{}, tokens(8))}
}

// loading compares the load of both backends, and the first run if in is not nil.
func loading(m *report.Meter, in []optimize.Tensor) ([]float64, error) {
	model, err := theModel()
	if err != nil {
		return nil, err
	}
	ours, err := optimize.NewNative(optimize.NativeOptions{})
	if err != nil {
		return nil, err
	}
	defer ours.Close()
	peer, err := onnx.New(onnx.Options{Dev: true})
	if err != nil {
		return nil, report.Skip(err.Error())
	}
	defer peer.Close()
	load := func(b optimize.Backend) func(n int) {
		return func(n int) {
			for range n {
				s, err := b.Load(context.Background(), model, optimize.SessionOptions{Threads: 1})
				if err != nil {
					panic(err)
				}
				if in != nil {
					times(s, in)(1)
				}
				s.Close()
			}
		}
	}
	return m.Cost(load(ours), load(peer)), nil
}

// programFigures measure the program in nativeprogram.
func programFigures() []report.Figure {
	return []report.Figure{
		{Name: "native/memory", Unit: "x", Goal: report.AtMost(1.4), Measure: memory},
		{Name: "native/memory_onnxruntime", Unit: "x", Peer: "onnxruntime", Goal: report.AtMost(1), Measure: memoryBeside},
		{Name: "native/binary_size", Unit: "MB", Goal: report.AtMost(8), Measure: binarySize},
		{Name: "native/binary_start", Unit: "ms", Goal: report.AtMost(30), Measure: binaryStart},
	}
}

// theProgram builds the program without cgo, theirProgram that on ONNX Runtime.
var (
	theProgram   = sync.OnceValues(func() (string, error) { return build("native", "CGO_ENABLED=0") })
	theirProgram = sync.OnceValues(func() (string, error) { return build("ort", "CGO_ENABLED=1", "-tags", "ort") })
)

func build(name, env string, flags ...string) (path string, err error) {
	dir, err := os.MkdirTemp("", "program")
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, name)
	args := append([]string{"build", "-ldflags", "-s -w", "-o", path}, flags...)
	c := exec.Command("go", append(args, "./nativeprogram")...)
	c.Env = append(os.Environ(), env)
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
}

// peak runs a program and returns the most bytes that were resident.
func peak(program string, args ...string) (float64, error) {
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	_, last, _ := strings.Cut(string(out), "\npeak ")
	var kib float64
	if _, err := fmt.Sscanf(last, "%f kB", &kib); err != nil {
		return 0, report.Skip("the system does not tell the peak of a process")
	}
	return kib * 1024, nil
}

// peaks are the bytes that a program takes more with theModel than without, by
// round, and the size of the file.
func peaks(m *report.Meter, program func() (string, error)) (grown []float64, file float64, err error) {
	path, err := program()
	if err != nil {
		return nil, 0, err
	}
	model, err := theModel()
	if err != nil {
		return nil, 0, err
	}
	info, err := os.Stat(model.Path())
	if err != nil {
		return nil, 0, err
	}
	for range min(m.Rounds(), 3) {
		alone, err := peak(path)
		if err != nil {
			return nil, 0, err
		}
		loaded, err := peak(path, model.Path())
		if err != nil {
			return nil, 0, err
		}
		grown = append(grown, loaded-alone)
	}
	return grown, float64(info.Size()), nil
}

// memory is the peak of a process that loads the model and runs it once over the
// size of the file, without what the process takes anyway.
func memory(m *report.Meter) ([]float64, error) {
	grown, file, err := peaks(m, theProgram)
	if err != nil {
		return nil, err
	}
	m.Note("%.0f MB for a file of %.0f MB", middle(grown)/1e6, file/1e6)
	return over(grown, file), nil
}

// memoryBeside is the same over that of ONNX Runtime.
func memoryBeside(m *report.Meter) ([]float64, error) {
	if _, err := theRuntime(); err != nil {
		return nil, report.Skip(err.Error())
	}
	ours, _, err := peaks(m, theProgram)
	if err != nil {
		return nil, err
	}
	theirs, file, err := peaks(m, theirProgram)
	if err != nil {
		return nil, err
	}
	m.Note("%.0f MB against %.0f MB, %.1f times the file", middle(ours)/1e6, middle(theirs)/1e6, middle(theirs)/file)
	return over(ours, middle(theirs)), nil
}

func over(values []float64, by float64) []float64 {
	var out []float64
	for _, v := range values {
		out = append(out, v/by)
	}
	return out
}

// binarySize is that of the program, stripped and without cgo.
func binarySize(*report.Meter) ([]float64, error) {
	path, err := theProgram()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return []float64{float64(info.Size()) / 1e6}, nil
}

// binaryStart is the wall time until the program prints its first line.
func binaryStart(m *report.Meter) ([]float64, error) {
	path, err := theProgram()
	if err != nil {
		return nil, err
	}
	var wall, cpu []float64
	for range 3 * m.Rounds() {
		c := exec.Command(path)
		out, err := c.StdoutPipe()
		if err != nil {
			return nil, err
		}
		start := time.Now()
		if err := c.Start(); err != nil {
			return nil, err
		}
		_, err = bufio.NewReader(out).ReadString('\n')
		wall = append(wall, float64(time.Since(start))/1e6)
		if err != nil {
			return nil, err
		}
		if err := c.Wait(); err != nil {
			return nil, err
		}
		cpu = append(cpu, float64(c.ProcessState.UserTime()+c.ProcessState.SystemTime())/1e6)
	}
	m.Note("wall time; %.1f ms of CPU time for the whole process", middle(cpu))
	return wall, nil
}
