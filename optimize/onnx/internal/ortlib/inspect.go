package ortlib

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/quintet-ai/quintet"
)

// Binary is what a shared library says about itself. Systems and architectures
// have the names that Go has for them.
type Binary struct {
	OS      string   // "linux" for every ELF file
	Arches  []string // more than one only in a universal Mach-O file
	Version Version  // zero if the file does not say
}

// Inspect reads the headers of the shared library at path. A file that is no
// shared library is [quintet.ErrUnsupported]; one that cannot be opened is the
// error of the operating system as well.
func Inspect(path string) (Binary, error) {
	f, err := os.Open(path)
	if err != nil {
		return Binary{}, fmt.Errorf("%w: %w", err, quintet.ErrUnsupported)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return Binary{}, fmt.Errorf("%s is no regular file: %w", path, quintet.ErrUnsupported)
	}
	b, err := inspect(f)
	if err != nil {
		return Binary{}, fmt.Errorf("%s is no shared library: %w: %w", path, err, quintet.ErrUnsupported)
	}
	if !b.Version.Known() {
		b.Version = versionOfName(path)
	}
	return b, nil
}

// versionOfName is for libraries built without a version: links lead to a name
// such as libonnxruntime.so.1.25.0, and a folder of the cache is named after it.
func versionOfName(path string) Version {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	_, tail, _ := strings.Cut(filepath.Base(path), "onnxruntime")
	if v := ParseVersion(tail); v.Known() {
		return v
	}
	folder := filepath.Base(filepath.Dir(filepath.Dir(path)))
	if v := ParseVersion(folder); v.String() == folder {
		return v
	}
	return Version{}
}

func inspect(r io.ReaderAt) (Binary, error) {
	var magic [4]byte
	if _, err := r.ReadAt(magic[:], 0); err != nil {
		return Binary{}, err
	}
	switch {
	case string(magic[:]) == elf.ELFMAG:
		return inspectELF(r)
	case string(magic[:2]) == "MZ":
		return inspectPE(r)
	}
	return inspectMacho(r)
}

var elfArch = map[elf.Machine]string{
	elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_386: "386", elf.EM_ARM: "arm",
	elf.EM_RISCV: "riscv64", elf.EM_S390: "s390x", elf.EM_LOONGARCH: "loong64", elf.EM_PPC64: "ppc64le",
}

// inspectELF takes the version from the names of symbol versions, VERS_1.28.2.
func inspectELF(r io.ReaderAt) (Binary, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return Binary{}, err
	}
	if f.Type != elf.ET_DYN {
		return Binary{}, fmt.Errorf("ELF file of type %v", f.Type)
	}
	b := Binary{OS: "linux", Arches: []string{archOr(elfArch[f.Machine], f.Machine)}}
	versions, _ := f.DynamicVersions() // a file without them has no version to tell
	for _, v := range versions {
		if name, ok := strings.CutPrefix(v.Name, "VERS_"); ok {
			b.Version = ParseVersion(name)
		}
	}
	return b, nil
}

var machoArch = map[macho.Cpu]string{
	macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64", macho.Cpu386: "386", macho.CpuArm: "arm",
}

func inspectMacho(r io.ReaderAt) (Binary, error) {
	b := Binary{OS: "darwin"}
	add := func(f *macho.File) error {
		if f.Type != macho.TypeDylib {
			return fmt.Errorf("Mach-O file of type %v", f.Type)
		}
		b.Arches = append(b.Arches, archOr(machoArch[f.Cpu], f.Cpu))
		b.Version = dylibVersion(f)
		return nil
	}
	if f, err := macho.NewFile(r); err == nil {
		return b, add(f)
	}
	fat, err := macho.NewFatFile(r)
	if err != nil {
		return Binary{}, err
	}
	for _, a := range fat.Arches {
		if err := add(a.File); err != nil {
			return Binary{}, err
		}
	}
	return b, nil
}

// dylibVersion is the current version of LC_ID_DYLIB: 16 bits and twice 8 bits.
func dylibVersion(f *macho.File) Version {
	const idDylib, currentVersion = 0xd, 16
	for _, l := range f.Loads {
		raw := l.Raw()
		if len(raw) >= currentVersion+4 && f.ByteOrder.Uint32(raw) == idDylib {
			v := f.ByteOrder.Uint32(raw[currentVersion:])
			return Version{int(v >> 16), int(v >> 8 & 255), int(v & 255)}
		}
	}
	return Version{}
}

var peArch = map[uint16]string{
	pe.IMAGE_FILE_MACHINE_AMD64: "amd64", pe.IMAGE_FILE_MACHINE_ARM64: "arm64",
	pe.IMAGE_FILE_MACHINE_I386: "386", pe.IMAGE_FILE_MACHINE_ARMNT: "arm",
}

// inspectPE takes the version from the text of the version resource: its numbers
// hold a date where the patch should be.
func inspectPE(r io.ReaderAt) (Binary, error) {
	f, err := pe.NewFile(r)
	if err != nil {
		return Binary{}, err
	}
	if f.Characteristics&pe.IMAGE_FILE_DLL == 0 {
		return Binary{}, fmt.Errorf("PE file that is no DLL")
	}
	b := Binary{OS: "windows", Arches: []string{archOr(peArch[f.Machine], f.Machine)}}
	s := f.Section(".rsrc")
	if s == nil || s.Size > 1<<20 {
		return b, nil
	}
	data, err := s.Data()
	if err != nil {
		return b, nil
	}
	for _, key := range []string{"ProductVersion", "FileVersion"} {
		if _, tail, ok := bytes.Cut(data, utf16Bytes(key)); ok && !b.Version.Known() {
			b.Version = ParseVersion(latin(tail[:min(len(tail), 64)]))
		}
	}
	return b, nil
}

func utf16Bytes(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

// latin keeps the ASCII characters of UTF-16 text that may begin with padding.
func latin(b []byte) string {
	var s strings.Builder
	for i := 0; i+1 < len(b); i += 2 {
		if b[i+1] == 0 && b[i] != 0 {
			s.WriteByte(b[i])
		} else if s.Len() > 0 {
			break
		}
	}
	return s.String()
}

// archOr is the name of an architecture, or its number if it has none.
func archOr(name string, number any) string {
	if name == "" {
		return fmt.Sprint(number)
	}
	return name
}

// fits says what keeps the library from running on the given system, nil if
// nothing does. The message has the path, what was found and what is needed.
func (b Binary) fits(path, goos, goarch string) error {
	if b.OS != goos && (b.OS != "linux" || goos == "darwin" || goos == "windows") || !slices.Contains(b.Arches, goarch) {
		return fmt.Errorf("%s is for %s/%s, need %s/%s: %w", path, b.OS, strings.Join(b.Arches, "+"), goos, goarch,
			quintet.ErrUnsupported)
	}
	if b.Version.Known() && b.Version.Compare(Needed) < 0 {
		return fmt.Errorf("%s is ONNX Runtime %v, need %v or newer: %w", path, b.Version, Needed, quintet.ErrUnsupported)
	}
	return nil
}
