package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/quintet-ai/quintet/internal/report"
)

// graphHarness is a library in a process of its own that holds one graph.
type graphHarness struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// igraphProgram builds the program around igraph once.
var igraphProgram = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "igraph")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "harness")
	c := exec.Command("gcc", "-O3", "-o", path, "graphpeers/igraph.c", "-ligraph", "-lm")
	if out, err := c.CombinedOutput(); err != nil {
		return "", report.Skip("no igraph, which libigraph-dev and gcc bring: " + firstLine(out, err))
	}
	return path, nil
})

func igraphCommand() ([]string, error) {
	path, err := igraphProgram()
	return []string{path}, err
}

func networkxCommand() ([]string, error) {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import networkx, numpy, scipy").Run() == nil {
			return []string{python, "graphpeers/networkx.py"}, nil
		}
	}
	return nil, report.Skip("no NetworkX with NumPy and SciPy, which python3-networkx, -numpy and -scipy bring")
}

var harnesses sync.Map // by command and graph

// harnessOf returns the process of a library for a graph, which ends with this one.
func harnessOf(command func() ([]string, error), t *testGraph) (*graphHarness, error) {
	words, err := command()
	if err != nil {
		return nil, err
	}
	key := words[len(words)-1] + " " + t.name
	if h, ok := harnesses.Load(key); ok {
		return h.(*graphHarness), nil
	}
	file, err := t.written()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(words[0], append(words[1:], file)...)
	cmd.Stderr = os.Stderr
	h := &graphHarness{}
	if h.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	h.out = bufio.NewReader(out)
	harnesses.Store(key, h)
	return h, cmd.Start()
}

// ask returns the CPU time of a command and what it found.
func (h *graphHarness) ask(command string, nodes ...int) (took time.Duration, found float64, err error) {
	line := command
	if len(nodes) > 0 {
		line += " " + strings.Trim(fmt.Sprint(nodes), "[]")
	}
	if _, err = fmt.Fprintln(h.in, line); err != nil {
		return 0, 0, err
	}
	var seconds float64
	_, err = fmt.Fscan(h.out, &seconds, &found)
	return time.Duration(seconds * 1e9), found, err
}

// graphHarnessFigures compare the kernels with libraries in other languages.
func graphHarnessFigures() (out []report.Figure) {
	for _, k := range kernels {
		for _, in := range gapGraphs {
			out = append(out, k.harnessFigure("igraph", in.name, in.make, igraphCommand))
		}
		out = append(out, k.harnessFigure("networkx", "kron12", kron12, networkxCommand))
	}
	return out
}

func (k kernel) harnessFigure(
	peer, name string, of madeGraph, command func() ([]string, error),
) report.Figure {
	return report.Figure{
		Name: "graph/" + k.name + "_" + name + "_" + peer, Unit: "x", Peer: peer,
		Measure: func(m *report.Meter) ([]float64, error) {
			if k.name == "betweenness" && name == "grid" {
				return nil, report.Skip("its shortest paths are more than float64 counts")
			}
			t, err := of()
			if err != nil {
				return nil, err
			}
			h, err := harnessOf(command, t)
			if err != nil {
				return nil, err
			}
			var nodes []int
			if k.searches > 1 || k.name == "betweenness" {
				nodes = t.sources
			}
			var theirs float64
			return beside(m, func() error {
				ours, err := k.run(context.Background(), t, 1)
				if err != nil {
					return err
				}
				return agree(ours, theirs)
			}, func() (took time.Duration, err error) {
				took, theirs, err = h.ask(k.name, nodes...)
				return took, err
			})
		}}
}
