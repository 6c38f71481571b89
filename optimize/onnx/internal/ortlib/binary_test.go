package ortlib_test

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

// pack is the memory of the values, one behind the other.
func pack(order binary.AppendByteOrder, values ...any) []byte {
	var b bytes.Buffer
	for _, v := range values {
		if s, ok := v.(string); ok {
			v = []byte(s)
		}
		if err := binary.Write(&b, order.(binary.ByteOrder), v); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

// elfLibrary is a shared library that defines a symbol version and nothing else.
func elfLibrary(machine elf.Machine, version string) []byte {
	little := binary.LittleEndian
	strings := "\x00" + version + "\x00"
	parts := [][]byte{
		nil,
		[]byte(strings),
		make([]byte, elf.Sym64Size),
		make([]byte, 2),
		pack(little, [4]uint16{1, 0, 2, 1}, [5]uint32{0, 20, 0, 1, 0}),
	}
	types := []elf.SectionType{elf.SHT_NULL, elf.SHT_STRTAB, elf.SHT_DYNSYM, elf.SHT_GNU_VERSYM, elf.SHT_GNU_VERDEF}
	offset := uint64(64)
	var body, headers []byte
	for i, p := range parts {
		section := elf.Section64{Type: uint32(types[i]), Off: offset, Size: uint64(len(p)), Link: 1, Entsize: 24}
		headers = append(headers, pack(little, section)...)
		body = append(body, p...)
		offset += uint64(len(p))
	}
	ident := [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)}
	head := elf.Header64{Ident: ident, Type: uint16(elf.ET_DYN), Machine: uint16(machine), Version: 1, Shoff: offset,
		Ehsize: 64, Shentsize: 64, Shnum: uint16(len(parts)), Shstrndx: 1}
	return append(append(pack(little, head), body...), headers...)
}

// machoLibrary is a library that says its version and nothing else.
func machoLibrary(cpu macho.Cpu, major, minor, patch uint32) []byte {
	little := binary.LittleEndian
	id := pack(little, [6]uint32{0xd, 32, 24, 0, major<<16 | minor<<8 | patch, 0}, "a.dylib\x00")
	head := macho.FileHeader{Magic: macho.Magic64, Cpu: cpu, Type: macho.TypeDylib, Ncmd: 1, Cmdsz: uint32(len(id))}
	return append(pack(little, head, uint32(0)), id...)
}

// peLibrary is a library with a version resource and nothing else.
func peLibrary(machine uint16, version string) []byte {
	little := binary.LittleEndian
	text := utf16.Encode([]rune("ProductVersion\x00" + version + "\x00"))
	rsrc := pack(little, text)
	dos := make([]byte, 64)
	copy(dos, "MZ")
	little.PutUint32(dos[0x3c:], 64)
	head := pe.FileHeader{Machine: machine, NumberOfSections: 1, Characteristics: pe.IMAGE_FILE_DLL}
	section := pe.SectionHeader32{Name: [8]uint8{'.', 'r', 's', 'r', 'c'}, VirtualSize: uint32(len(rsrc)),
		SizeOfRawData: uint32(len(rsrc)), PointerToRawData: 64 + 4 + 20 + 40}
	return append(append(dos, pack(little, "PE\x00\x00", head, section)...), rsrc...)
}

// put writes a file and the folders above it.
func put(t testing.TB, data []byte, elem ...string) string {
	t.Helper()
	path := filepath.Join(elem...)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}
