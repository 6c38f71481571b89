package postings

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
)

// blockLen is the most postings of a block.
const blockLen = 128

// block is a run of postings of one term. Each takes as many bytes: the step from
// the id before it, then its weight. Blocks that are full never change.
type block struct {
	data        []byte
	first, last uint32 // ids
	bound
	n           uint8
	stepBytes   uint8 // 1, 2 or 4
	weightBytes uint8 // 0: all are 1; 1: whole numbers up to 255; else the first bytes of float32
}

// page is a block in the open.
type page struct {
	ids     [blockLen]uint32
	weights [blockLen]float32
}

// add appends a posting, whose id is the highest. The block is not full.
func (b *block) add(id uint32, weight float32) {
	if b.n == 0 {
		b.first, b.last = id, id
		b.stepBytes, b.weightBytes = widths(0, weight)
	}
	stepBytes, weightBytes := widths(id-b.last, weight)
	if stepBytes > b.stepBytes || weightBytes > b.weightBytes {
		b.widen(max(stepBytes, b.stepBytes), max(weightBytes, b.weightBytes))
	}
	b.put(id, weight)
	if b.n == blockLen {
		b.data = bytes.Clone(b.data) // without the room to grow
	}
}

func widths(step uint32, weight float32) (stepBytes, weightBytes uint8) {
	switch {
	case step < 1<<8:
		stepBytes = 1
	case step < 1<<16:
		stepBytes = 2
	default:
		stepBytes = 4
	}
	switch {
	case weight == 1:
	case weight > 0 && weight < 1<<8 && weight == float32(uint8(weight)):
		weightBytes = 1
	default: // of whole numbers up to 255 two bytes say all
		weightBytes = uint8(4 - min(2, bits.TrailingZeros32(math.Float32bits(weight))/8))
	}
	return stepBytes, weightBytes
}

// put appends a posting that the widths have room for.
func (b *block) put(id uint32, weight float32) {
	if n := len(b.data); n+int(b.stepBytes+b.weightBytes) > cap(b.data) { // by less than append would: most lists are short
		b.data = append(make([]byte, 0, n+n/4+8), b.data...)
	}
	switch step := id - b.last; b.stepBytes {
	case 1:
		b.data = append(b.data, uint8(step))
	case 2:
		b.data = binary.LittleEndian.AppendUint16(b.data, uint16(step))
	default:
		b.data = binary.LittleEndian.AppendUint32(b.data, step)
	}
	switch f := math.Float32bits(weight); b.weightBytes {
	case 1:
		b.data = append(b.data, uint8(weight))
	case 2:
		b.data = append(b.data, uint8(f>>16), uint8(f>>24))
	case 3:
		b.data = append(b.data, uint8(f>>8), uint8(f>>16), uint8(f>>24))
	case 4:
		b.data = binary.LittleEndian.AppendUint32(b.data, f)
	}
	b.last = id
	b.n++
}

// widen writes the postings anew with other widths.
func (b *block) widen(stepBytes, weightBytes uint8) {
	var p page
	n := b.read(&p)
	b.data = make([]byte, 0, (n+1)*int(stepBytes+weightBytes))
	b.last, b.n, b.stepBytes, b.weightBytes = b.first, 0, stepBytes, weightBytes
	for i := range n {
		b.put(p.ids[i], p.weights[i])
	}
}

// read opens the block and returns the number of its postings.
func (b *block) read(p *page) int {
	n, width := int(b.n), int(b.stepBytes+b.weightBytes)
	id, data := b.first, b.data
	switch b.stepBytes {
	case 1:
		for i := range p.ids[:n] {
			id += uint32(data[i*width])
			p.ids[i] = id
		}
	case 2:
		for i := range p.ids[:n] {
			id += uint32(binary.LittleEndian.Uint16(data[i*width:]))
			p.ids[i] = id
		}
	default:
		for i := range p.ids[:n] {
			id += binary.LittleEndian.Uint32(data[i*width:])
			p.ids[i] = id
		}
	}
	b.readWeights(p.weights[:n], data[b.stepBytes:], width)
	return n
}

func (b *block) readWeights(dst []float32, data []byte, width int) {
	switch b.weightBytes {
	case 0:
		for i := range dst {
			dst[i] = 1
		}
	case 1:
		for i := range dst {
			dst[i] = float32(data[i*width])
		}
	case 2:
		for i := range dst {
			dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(data[i*width:])) << 16)
		}
	case 3:
		for i := range dst {
			w := data[i*width:]
			dst[i] = math.Float32frombits(uint32(w[0])<<8 | uint32(w[1])<<16 | uint32(w[2])<<24)
		}
	default:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[i*width:]))
		}
	}
}
