package graph

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"unsafe"

	"github.com/quintet-ai/quintet"
)

// A file of a graph is a header and sections, each of which starts at a multiple
// of 64 bytes after zeros. All numbers are little-endian; checksums are CRC-32C.
//
//	0   magic      8 bytes, fileMagic
//	8   version    u32, 1
//	12  flags      u32, see below
//	16  nodes      u64
//	24  arcs       u64: edges, an undirected one twice unless it is a loop
//	32  text       u64: bytes of all text keys
//	40  checksums  u32 for each section
//	64  checksum   u32, of the 64 bytes before
//
// The sections are: the ends of rows u32 (nodes+1, the first 0), their columns
// i32 (arcs), weights f32 (arcs, if any), the keys as i64 or the end of each in
// the text as u64 (nodes), the text, and the hash table i32 of keyIndex.
const (
	fileMagic   = "qgraph\r\n"
	fileVersion = 1
	fileHeader  = 128
	fileAlign   = 64
)

const (
	flagDirected = 1 << iota
	flagWeighted
	flagText // keys are texts, not whole numbers
	flagsKnown
)

// The sections.
const (
	sectionEnds = iota
	sectionColumns
	sectionWeights
	sectionKeys
	sectionText
	sectionSlots
	sectionCount
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// fileHead is the header of a file.
type fileHead struct {
	flags             uint32
	nodes, arcs, text uint64
	sums              [sectionCount]uint32
}

// sizes returns the bytes of the sections.
func (h *fileHead) sizes() [sectionCount]uint64 {
	s := [sectionCount]uint64{
		sectionEnds: 4 * (h.nodes + 1), sectionColumns: 4 * h.arcs, sectionKeys: 8 * h.nodes,
		sectionText: h.text, sectionSlots: 4 * uint64(slotCount(int(h.nodes))),
	}
	if h.flags&flagWeighted != 0 {
		s[sectionWeights] = 4 * h.arcs
	}
	return s
}

func (h *fileHead) bytes() []byte {
	out := make([]byte, fileHeader)
	copy(out, fileMagic)
	binary.LittleEndian.PutUint32(out[8:], fileVersion)
	binary.LittleEndian.PutUint32(out[12:], h.flags)
	binary.LittleEndian.PutUint64(out[16:], h.nodes)
	binary.LittleEndian.PutUint64(out[24:], h.arcs)
	binary.LittleEndian.PutUint64(out[32:], h.text)
	for i, sum := range h.sums {
		binary.LittleEndian.PutUint32(out[40+4*i:], sum)
	}
	binary.LittleEndian.PutUint32(out[64:], crc32.Checksum(out[:64], castagnoli))
	return out
}

// parseHead reads the header and cuts a file into its sections.
func parseHead(data []byte) (h fileHead, sections [sectionCount][]byte, err error) {
	if len(data) < fileHeader || string(data[:8]) != fileMagic {
		return h, sections, fmt.Errorf("no file of a graph: %w", quintet.ErrInput)
	}
	if v := binary.LittleEndian.Uint32(data[8:]); v != fileVersion {
		return h, sections, fmt.Errorf("version %d of the format: %w", v, quintet.ErrUnsupported)
	}
	if binary.LittleEndian.Uint32(data[64:]) != crc32.Checksum(data[:64], castagnoli) {
		return h, sections, fmt.Errorf("the checksum of the header is wrong: %w", quintet.ErrInput)
	}
	h.flags = binary.LittleEndian.Uint32(data[12:])
	h.nodes = binary.LittleEndian.Uint64(data[16:])
	h.arcs = binary.LittleEndian.Uint64(data[24:])
	h.text = binary.LittleEndian.Uint64(data[32:])
	for i := range h.sums {
		h.sums[i] = binary.LittleEndian.Uint32(data[40+4*i:])
	}
	if h.flags >= flagsKnown || h.nodes > math.MaxInt32 || h.arcs > math.MaxUint32 || h.text > 1<<48 {
		return h, sections, fmt.Errorf("the header is out of range: %w", quintet.ErrInput)
	}
	sections, err = cutSections(data, h.sizes())
	return h, sections, err
}

func cutSections(data []byte, sizes [sectionCount]uint64) (sections [sectionCount][]byte, err error) {
	at := uint64(fileHeader)
	for i, size := range sizes {
		if at > uint64(len(data)) || size > uint64(len(data))-at {
			return sections, fmt.Errorf("the file is cut after %d bytes: %w", len(data), quintet.ErrInput)
		}
		sections[i] = data[at : at+size]
		at += size + padding(size)
	}
	if at != uint64(len(data)) {
		return sections, fmt.Errorf("the file has %d bytes, not %d: %w", len(data), at, quintet.ErrInput)
	}
	return sections, nil
}

// padding returns how many zeros follow a section.
func padding(size uint64) uint64 { return -size % fileAlign }

// number is what sections hold.
type number interface {
	int32 | uint32 | float32 | int64 | uint64
}

// numbersOf returns the numbers of a section: its own memory where the machine
// has that order of bytes, else a copy.
func numbersOf[T number](section []byte) []T {
	var t T
	size := int(unsafe.Sizeof(t))
	n := len(section) / size
	if n == 0 {
		return nil
	}
	first := unsafe.Pointer(unsafe.SliceData(section))
	if littleEndian() && uintptr(first)%uintptr(size) == 0 {
		return unsafe.Slice((*T)(first), n)
	}
	out := make([]T, n)
	if _, err := binary.Decode(section, binary.LittleEndian, out); err != nil {
		panic("graph: a section of whole numbers: " + err.Error())
	}
	return out
}

// sectionOf is the inverse of numbersOf.
func sectionOf[T number](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	if littleEndian() {
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(s[0])))
	}
	out, err := binary.Append(nil, binary.LittleEndian, s)
	if err != nil {
		panic("graph: a section of whole numbers: " + err.Error())
	}
	return out
}

func littleEndian() bool { return binary.NativeEndian.Uint16([]byte{1, 0}) == 1 }
