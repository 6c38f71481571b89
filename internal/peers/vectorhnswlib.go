package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/quintet-ai/quintet/internal/report"
)

// harness builds the program around hnswlib once.
var harness = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "hnswlib")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "harness")
	c := exec.Command("g++", "-O3", "-march=native", "-pthread", "-o", path, "hnswlib/main.cpp")
	if out, err := c.CombinedOutput(); err != nil {
		return "", report.Skip("no hnswlib, which libhnswlib-dev and g++ bring: " + firstLine(out, err))
	}
	return path, nil
})

func firstLine(out []byte, err error) string {
	for i, b := range out {
		if b == '\n' {
			return string(out[:i])
		}
	}
	return err.Error()
}

// savedIndex is what the harness saves in the folder of a set.
const savedIndex = "hnswlib.index"

// hnswlib is a running harness with the vectors of one set.
type hnswlib struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startHNSWLib(d *dataSet) (*hnswlib, error) {
	path, err := harness()
	if err != nil {
		return nil, err
	}
	h := &hnswlib{cmd: exec.Command(path, d.dir, strconv.Itoa(d.dim))}
	h.cmd.Stderr = os.Stderr
	if h.in, err = h.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	h.out = bufio.NewReader(out)
	return h, h.cmd.Start()
}

// indexed starts a harness with an index of the whole set, built at the first call.
func indexed(d *dataSet) (*hnswlib, error) {
	h, err := startHNSWLib(d)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(d.dir, savedIndex)); err == nil {
		return h, h.run("load")
	}
	if _, _, err := h.build(2); err != nil {
		return nil, err
	}
	return h, h.run("save")
}

func (h *hnswlib) close() {
	h.in.Close()
	h.cmd.Wait()
}

// say sends a command and returns the two numbers of the answer.
func (h *hnswlib) say(format string, a ...any) (x, y float64, err error) {
	if _, err = fmt.Fprintf(h.in, format+"\n", a...); err != nil {
		return 0, 0, err
	}
	line, err := h.out.ReadString('\n')
	if err != nil || line == "ok\n" {
		return 0, 0, err
	}
	_, err = fmt.Sscan(line, &x, &y)
	return x, y, err
}

// build makes the index with M = 16 and efConstruction = 200.
func (h *hnswlib) build(threads int) (cpu, wall time.Duration, err error) {
	c, w, err := h.say("build %d 200 16", threads)
	return time.Duration(c * 1e9), time.Duration(w * 1e9), err
}

// search asks all queries of the set and returns the CPU time and the recall.
func (h *hnswlib) search(ef int) (took time.Duration, recall float64, err error) {
	t, recall, err := h.say("search %d", ef)
	return time.Duration(t * 1e9), recall, err
}

func (h *hnswlib) run(command string) error {
	_, _, err := h.say("%s", command)
	return err
}
