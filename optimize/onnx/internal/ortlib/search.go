package ortlib

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet"
)

// Install is the command that puts a library into the user's cache.
const Install = "go run github.com/quintet-ai/quintet/optimize/onnx/install@latest"

// Library is a shared library that fits.
type Library struct {
	Path    string // absolute
	Version Version
}

// Search says where a library is looked for.
type Search struct {
	OS, Arch string
	Library  string   // file or folder that must hold it; "" looks everywhere
	Named    string   // the name of what named Library, such as an environment variable
	Places   []string // folders and patterns of folders, best first
}

// Environment variables that name the library, best first.
var Environment = []string{"QUINTET_ORT_LIB", "ORT_LIB_PATH"}

// Here returns the search of this process: library, if it is not empty, or else
// the environment decide alone. Otherwise come the folder of the executable, the
// user's cache and the folders of the system, and for developers the Go module
// cache and ./node_modules, in which anybody who can write there decides what
// code runs.
func Here(library string, dev bool) Search {
	s := Search{OS: runtime.GOOS, Arch: runtime.GOARCH, Library: library, Named: "option Library"}
	for _, name := range Environment {
		if s.Library == "" {
			s.Library, s.Named = os.Getenv(name), name
		}
	}
	if exe, err := os.Executable(); err == nil {
		dir := filepath.Dir(exe)
		s.Places = append(s.Places, dir, filepath.Join(dir, "..", "lib"))
	}
	if dir, err := CacheDir(); err == nil {
		s.Places = append(s.Places, filepath.Join(dir, "*", s.OS+"-"+s.Arch))
	}
	s.Places = append(s.Places, systemPlaces(s.OS)...)
	if dev {
		s.Places = append(s.Places, devPlaces(s.OS, s.Arch)...)
	}
	return s
}

// Find returns the library to load. Of several in one place the newest wins. An
// error is [quintet.ErrUnsupported] and says what was found where.
func (s Search) Find() (Library, error) {
	if s.Library != "" {
		return s.named()
	}
	var refused []error
	for _, place := range s.Places {
		lib, err := s.in(place)
		if err == nil {
			return lib, nil
		}
		if !errors.Is(err, errNothing) {
			refused = append(refused, err)
		}
	}
	var found strings.Builder
	for _, err := range refused {
		fmt.Fprintf(&found, "; %v", trim(err))
	}
	return Library{}, fmt.Errorf("no library of ONNX Runtime %v or newer for %s/%s (looked in %s%s); set %s or run %q: %w",
		Needed, s.OS, s.Arch, strings.Join(s.Places, ", "), &found, Environment[0], Install, quintet.ErrUnsupported)
}

// trim is the message of err without its cause, which the whole error ends with.
func trim(err error) string {
	return strings.ReplaceAll(err.Error(), ": "+quintet.ErrUnsupported.Error(), "")
}

// named returns the one library that the caller named.
func (s Search) named() (Library, error) {
	info, err := os.Stat(s.Library)
	switch {
	case err != nil:
		return Library{}, fmt.Errorf("%s: %w: %w", s.Named, err, quintet.ErrUnsupported)
	case info.IsDir():
		lib, err := s.in(s.Library)
		if errors.Is(err, errNothing) {
			err = fmt.Errorf("%s: no %s in %s: %w", s.Named, strings.Join(names(s.OS), " or "), s.Library, quintet.ErrUnsupported)
		}
		return lib, err
	}
	lib, err := s.check(s.Library)
	if err != nil {
		return Library{}, fmt.Errorf("%s: %w", s.Named, err)
	}
	return lib, nil
}

var errNothing = errors.New("nothing there")

// in returns the newest library that fits in the folders that place matches.
func (s Search) in(place string) (best Library, err error) {
	err = errNothing
	for _, path := range candidates(place, s.OS) {
		lib, why := s.check(path)
		switch {
		case why != nil && best.Path == "":
			err = why
		case why == nil && (best.Path == "" || best.Version.Compare(lib.Version) < 0):
			best, err = lib, nil
		}
	}
	return best, err
}

func (s Search) check(path string) (Library, error) {
	b, err := Inspect(path)
	if err != nil {
		return Library{}, err
	}
	if err := b.fits(path, s.OS, s.Arch); err != nil {
		return Library{}, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return Library{}, fmt.Errorf("%w: %w", err, quintet.ErrUnsupported)
	}
	return Library{abs, b.Version}, nil
}

// names are patterns of the names that the library has.
func names(goos string) []string {
	switch goos {
	case "windows":
		return []string{"onnxruntime.dll"}
	case "darwin", "ios":
		return []string{"libonnxruntime.dylib", "libonnxruntime.*.dylib"}
	}
	return []string{"libonnxruntime.so", "libonnxruntime.so.*"}
}

// candidates are the files in the folders that place matches that have the right
// name; place itself counts as a folder too, whatever characters are in it.
func candidates(place, goos string) (paths []string) {
	dirs, _ := filepath.Glob(place) // a bad pattern may still be a folder
	if !slices.Contains(dirs, place) {
		dirs = append(dirs, place)
	}
	for _, dir := range dirs {
		entries, _ := os.ReadDir(dir) // a folder that is not there holds nothing
		for _, e := range entries {
			for _, pattern := range names(goos) {
				if ok, _ := filepath.Match(pattern, e.Name()); ok && !e.IsDir() {
					paths = append(paths, filepath.Join(dir, e.Name()))
				}
			}
		}
	}
	return paths
}

// CacheDir is the folder in the user's cache that holds installed libraries, in
// folders such as 1.28.2/linux-amd64.
func CacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "quintet", "ort"), nil
}

// CacheName is the folder below [CacheDir] for a version on a system.
func CacheName(v Version, goos, goarch string) string {
	return filepath.Join(v.String(), goos+"-"+goarch)
}

// FileName is the name under which an installed library is found.
func FileName(goos string) string { return names(goos)[0] }

// ModuleOS is the name that the Go modules which ship the library have for a
// system, "" if there is no such module.
func ModuleOS(goos string) string {
	return map[string]string{"linux": "linux", "darwin": "macos", "windows": "windows"}[goos]
}
