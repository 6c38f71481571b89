package ortlib

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
)

// systemPlaces are the folders in which packages and people install libraries.
func systemPlaces(goos string) (dirs []string) {
	switch goos {
	case "windows":
		if root := os.Getenv("ProgramFiles"); root != "" {
			dirs = append(dirs, filepath.Join(root, "onnxruntime", "lib"))
		}
		if root := os.Getenv("SystemRoot"); root != "" {
			dirs = append(dirs, filepath.Join(root, "System32")) // Windows itself brings an old one
		}
		return dirs
	case "darwin":
		return append(listed("DYLD_LIBRARY_PATH"), "/opt/homebrew/lib", "/opt/homebrew/opt/onnxruntime/lib", "/usr/local/lib",
			"/usr/local/opt/onnxruntime/lib", "/opt/local/lib", "/opt/onnxruntime*/lib")
	}
	dirs = append(listed("LD_LIBRARY_PATH"), linkerPlaces("/etc/ld.so.conf", 0)...)
	dirs = append(dirs, "/usr/local/lib", "/usr/local/lib64", "/usr/lib", "/usr/lib64", "/usr/lib/*-linux-gnu*",
		"/opt/onnxruntime*/lib", "/home/linuxbrew/.linuxbrew/lib")
	return unique(dirs)
}

// listed are the folders in an environment variable.
func listed(name string) (dirs []string) {
	for _, dir := range filepath.SplitList(os.Getenv(name)) {
		if filepath.IsAbs(dir) { // others depend on where the program was started
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// linkerPlaces are the folders in a configuration file of the dynamic linker and
// in those that it includes.
func linkerPlaces(path string, depth int) (dirs []string) {
	f, err := os.Open(path)
	if err != nil || depth > 4 {
		return nil
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(line)
		if len(fields) == 2 && fields[0] == "include" {
			files := fields[1]
			if !filepath.IsAbs(files) {
				files = filepath.Join(filepath.Dir(path), files)
			}
			matches, _ := filepath.Glob(files)
			for _, m := range matches {
				dirs = append(dirs, linkerPlaces(m, depth+1)...)
			}
		} else if len(fields) > 0 && filepath.IsAbs(fields[0]) {
			dirs = append(dirs, fields[0])
		}
	}
	return dirs
}

// devPlaces are the module cache, for the modules that ship the library, and the
// package of npm in the working directory.
func devPlaces(goos, goarch string) (dirs []string) {
	if cache := moduleCache(); cache != "" && ModuleOS(goos) != "" {
		dirs = append(dirs, filepath.Join(cache, "github.com", "k2-fsa", "sherpa-onnx-go-"+ModuleOS(goos)+"@v*", "lib", "*"))
	}
	system, arch := goos, goarch
	if goos == "windows" {
		system = "win32"
	}
	if goarch == "amd64" {
		arch = "x64"
	}
	return append(dirs, filepath.Join("node_modules", "onnxruntime-node", "bin", "napi-v*", system, arch))
}

// moduleCache is the folder in which the go command keeps modules, unless it was
// configured with "go env -w"; "" if there is none.
func moduleCache() string {
	if cache := os.Getenv("GOMODCACHE"); cache != "" {
		return cache
	}
	if list := filepath.SplitList(os.Getenv("GOPATH")); len(list) > 0 {
		return filepath.Join(list[0], "pkg", "mod")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, "go", "pkg", "mod")
}

// unique drops all but the first of equal folders.
func unique(dirs []string) (kept []string) {
	seen := map[string]bool{}
	for _, dir := range dirs {
		if dir = filepath.Clean(dir); !seen[dir] {
			seen[dir] = true
			kept = append(kept, dir)
		}
	}
	return kept
}
