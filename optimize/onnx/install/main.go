// Command install puts the shared library of ONNX Runtime for this system into
// the user's cache, where package onnx finds it:
//
//	go run github.com/quintet-ai/quintet/optimize/onnx/install@latest
//
// The library comes out of a Go module that ships it. The go command downloads
// the module and checks it against the checksum database, install checks it
// against a checksum of its own. On success it prints the path of the library.
//
// With -dir it goes into another folder. With -print nothing is installed: the
// path of the library that package onnx would load is printed, or why there is
// none. It needs the go command.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/quintet-ai/quintet/optimize/onnx/internal/ortlib"
)

const (
	prefix  = "github.com/k2-fsa/sherpa-onnx-go-"
	version = "v1.13.8" // of the modules
)

// library is the version of ONNX Runtime in the modules.
var library = ortlib.Version{Major: 1, Minor: 28, Patch: 2}

// sums are the checksums of the modules as in go.sum, by system.
var sums = map[string]string{
	"linux":   "h1:33xcR9pYuD/VZ2luCWP1PJ4uLLeYM0i5GWGgM1lZjP8=",
	"darwin":  "h1:TQFOntGvoH+L+9HpmKukq6cDag674W7YQr3680KK0Q8=",
	"windows": "h1:PjALQ7qHH6wmGyVeHMhGESh+EAtC/24rzZIth4PXcEs=",
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "install:", err)
		}
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("install", flag.ContinueOnError)
	dir := flags.String("dir", "", "install into this `folder` instead of the user's cache")
	show := flags.Bool("print", false, "install nothing, print the path of the library that would be loaded")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	find := install
	if *show {
		find = func(dir string) (string, error) {
			lib, err := ortlib.Here(dir, false).Find()
			return lib.Path, err
		}
	}
	path, err := find(*dir)
	if err == nil {
		_, err = fmt.Fprintln(stdout, path)
	}
	return err
}

// install puts the library into dir and returns its path. If it is there already,
// nothing is downloaded.
func install(dir string) (string, error) {
	if dir == "" {
		cache, err := ortlib.CacheDir()
		if err != nil {
			return "", fmt.Errorf("no folder for the user's cache, use -dir: %w", err)
		}
		dir = filepath.Join(cache, ortlib.CacheName(library, runtime.GOOS, runtime.GOARCH))
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, ortlib.FileName(runtime.GOOS))
	if there, err := here(path).Find(); err == nil && there.Version == library {
		return path, nil
	}
	source, err := download()
	if err != nil {
		return "", err
	}
	if err := copyFile(path, source); err != nil {
		return "", err
	}
	lib, err := here(path).Find()
	return lib.Path, err
}

// here is a search that accepts the file at path only.
func here(path string) ortlib.Search {
	return ortlib.Search{OS: runtime.GOOS, Arch: runtime.GOARCH, Library: path, Named: "library"}
}

// download returns the path of the library in the go command's module cache.
func download() (string, error) {
	system := ortlib.ModuleOS(runtime.GOOS)
	if system == "" {
		return "", fmt.Errorf("no module ships the library for %s: install ONNX Runtime %v or newer by hand and set %s",
			runtime.GOOS, ortlib.Needed, ortlib.Environment[0])
	}
	module := prefix + system + "@" + version
	dir, err := fetch(module, sums[runtime.GOOS])
	if err != nil {
		return "", fmt.Errorf("%s: %w", module, err)
	}
	s := ortlib.Search{OS: runtime.GOOS, Arch: runtime.GOARCH, Places: []string{filepath.Join(dir, "lib", "*")}}
	lib, err := s.Find()
	if err != nil {
		return "", fmt.Errorf("%s: %w", module, err)
	}
	return lib.Path, nil
}

// fetch downloads a module into the cache and returns its folder.
func fetch(module, sum string) (string, error) {
	tool, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("the go command downloads the library, but: %w", err)
	}
	cmd := exec.Command(tool, "mod", "download", "-json", module)
	cmd.Dir = os.TempDir() // outside any module: its go.mod, vendor folder and workspace do not matter
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, failed := cmd.Output()
	var got struct{ Dir, Sum, Error string }
	if err := json.Unmarshal(out, &got); err != nil || failed != nil || got.Error != "" {
		why := cmp.Or(got.Error, string(bytes.TrimSpace(complaints.Bytes())), "no answer")
		return "", fmt.Errorf("go mod download: %s", why)
	}
	if got.Sum != sum {
		return "", fmt.Errorf("has checksum %s, want %s", got.Sum, sum)
	}
	return got.Dir, nil
}

// copyFile makes path a copy of source, whole or not at all.
func copyFile(path, source string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	from, err := os.Open(source)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.CreateTemp(filepath.Dir(path), ".install-*")
	if err != nil {
		return err
	}
	defer os.Remove(to.Name()) // it is gone if all went well
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Sync(), to.Chmod(0o755), to.Close()); err != nil {
		return err
	}
	return os.Rename(to.Name(), path)
}
