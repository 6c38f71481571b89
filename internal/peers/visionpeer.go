package main

import (
	"bufio"
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

// visionPeer is a running program around another library. It has the pictures of
// [visionPictures] in memory. To a line of a task and a number of times it answers
// with the CPU seconds that its whole process took for them, and with the width, the
// height and the mean sample (0 to 255) of what came out.
type visionPeer struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// visionPeers start the programs when they are first asked for; they end with this
// one, which closes their input.
var visionPeers = []struct {
	name string
	open func() (*visionPeer, error)
}{
	{"opencv", sync.OnceValues(openOpenCV)},
	{"sharp", sync.OnceValues(openSharp)},
	{"pillow", sync.OnceValues(openPillow)},
}

// cvLibraries are from the Debian package libopencv-imgcodecs-dev, which brings the
// other two.
const cvLibraries = "-lopencv_imgcodecs -lopencv_imgproc -lopencv_core"

func openOpenCV() (*visionPeer, error) {
	dir, err := os.MkdirTemp("", "opencv")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "harness")
	args := []string{"-O3", "-march=native", "-I/usr/include/opencv4", "-o", path, "visionpeers/opencv.cpp"}
	c := exec.Command("g++", append(args, strings.Fields(cvLibraries)...)...)
	if out, err := c.CombinedOutput(); err != nil {
		return nil, report.Skip("no OpenCV, which libopencv-imgcodecs-dev and g++ bring: " + firstLine(out, err))
	}
	return startVisionPeer(exec.Command(path))
}

func openPillow() (*visionPeer, error) {
	if out, err := exec.Command("/usr/bin/python3", "-c", "import numpy, PIL").CombinedOutput(); err != nil {
		return nil, report.Skip("no Pillow, which python3-pil and python3-numpy bring: " + firstLine(out, err))
	}
	return startVisionPeer(exec.Command("/usr/bin/python3", "visionpeers/pillow.py"))
}

// openSharp looks for sharp in the user's cache, where
//
//	npm install --prefix ~/.cache/quintet-test/sharp sharp
//
// puts it.
func openSharp() (*visionPeer, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, report.Skip(err.Error())
	}
	modules := filepath.Join(cache, "quintet-test", "sharp", "node_modules")
	env := append(os.Environ(), "NODE_PATH="+modules)
	try := exec.Command("node", "-e", "require('sharp')")
	try.Env = env
	if err := try.Run(); err != nil {
		return nil, report.Skip("no sharp, run npm install --prefix " + filepath.Dir(modules) + " sharp")
	}
	c := exec.Command("node", "visionpeers/sharp.js")
	c.Env = env
	return startVisionPeer(c)
}

// startVisionPeer starts a program on the folder of the pictures.
func startVisionPeer(c *exec.Cmd) (*visionPeer, error) {
	pictures, err := visionPictures()
	if err != nil {
		return nil, err
	}
	c.Args = append(c.Args, pictures.dir)
	c.Stderr = os.Stderr
	p := &visionPeer{}
	if p.in, err = c.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	return p, c.Start()
}

// run does a task some times and returns the CPU time of one and what came out.
func (p *visionPeer) run(task string, times int) (time.Duration, outcome, error) {
	if _, err := fmt.Fprintln(p.in, task, times); err != nil {
		return 0, outcome{}, err
	}
	line, err := p.out.ReadString('\n')
	if err != nil {
		return 0, outcome{}, err
	}
	var seconds float64
	var got outcome
	_, err = fmt.Sscan(line, &seconds, &got.width, &got.height, &got.mean)
	return time.Duration(seconds / float64(times) * 1e9), got, err
}

// outcome is what a task made of a picture; its mean tells apart those that did
// something else.
type outcome struct {
	width, height int
	mean          float64
}

// alike reports whether two libraries made the same, up to their filters.
func (o outcome) alike(p outcome) bool {
	return o.width == p.width && o.height == p.height && max(o.mean-p.mean, p.mean-o.mean) < 2
}
