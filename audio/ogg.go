package audio

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/quintet-ai/quintet"
)

// maxPacket bounds a packet of an Ogg stream in bytes.
const maxPacket = 1 << 20

// oggReader takes the first logical stream of an Ogg file apart into packets
// (RFC 3533). Pages of other streams and damaged pages are passed over.
type oggReader struct {
	src      *source
	serial   uint32
	started  bool
	page     []byte // the body of the page that is read
	segments []byte // the lacing values of it that are left
	part     []byte // of a packet that goes on with the next page
	torn     bool   // the rest of a packet whose beginning was lost comes
	lost     int    // damaged pages, or gaps between pages
	sequence uint32
	granule  int64 // the position of the page, -1 if no packet ends there
	last     bool  // the page ends the stream
	cut      bool  // the file ended before the stream
}

// packet returns the next packet, valid until the next call, or io.EOF. ends
// reports whether it is the last that ends on its page.
func (o *oggReader) packet() (p []byte, ends bool, err error) {
	o.part = o.part[:0]
	for {
		for len(o.segments) == 0 {
			if o.last {
				return nil, false, io.EOF
			}
			if err := o.nextPage(); err != nil {
				return nil, false, err
			}
		}
		n := int(o.segments[0])
		o.segments = o.segments[1:]
		if len(o.part)+n > maxPacket {
			return nil, false, fmt.Errorf("ogg packet of more than %d bytes: %w", maxPacket, quintet.ErrInput)
		}
		o.part = append(o.part, o.page[:n]...)
		o.page = o.page[n:]
		if n == 255 {
			continue
		}
		if o.torn {
			o.torn, o.part = false, o.part[:0]
			continue
		}
		return o.part, !o.endsMore(), nil
	}
}

// endsMore reports whether another packet ends on the page.
func (o *oggReader) endsMore() bool {
	for _, n := range o.segments {
		if n < 255 {
			return true
		}
	}
	return false
}

// nextPage reads up to the next page of the stream that is whole.
func (o *oggReader) nextPage() error {
	for garbage := 0; garbage < maxGarbage; {
		head, err := o.src.r.Peek(27)
		if len(head) < 27 {
			o.cut = true
			return orEOF(err)
		}
		if string(head[:5]) != "OggS\x00" {
			if _, err := o.src.skip(1); err != nil {
				return err
			}
			garbage++
			continue
		}
		b, err := o.src.r.Peek(27 + int(head[26]))
		size := len(b)
		for _, n := range b[27:] {
			size += int(n)
		}
		if err == nil {
			b, err = o.src.r.Peek(size)
		}
		if err != nil && err != io.EOF {
			return err
		}
		if len(b) < size || oggSum(b) != binary.LittleEndian.Uint32(b[22:]) {
			o.lost++
			if _, err := o.src.skip(4); err != nil { // the next page may begin within
				return err
			}
			continue
		}
		if o.accept(b) {
			_, err := o.src.skip(int64(size))
			return err
		}
		if _, err := o.src.skip(int64(size)); err != nil {
			return err
		}
	}
	return io.EOF
}

// accept takes a whole page and reports whether it is one of the stream.
func (o *oggReader) accept(b []byte) bool {
	flags, serial, sequence := b[5], binary.LittleEndian.Uint32(b[14:]), binary.LittleEndian.Uint32(b[18:])
	if !o.started {
		o.started, o.serial, o.sequence = true, serial, sequence
	}
	if serial != o.serial {
		return false
	}
	continued := flags&1 != 0
	if sequence != o.sequence {
		o.lost++
		o.part = o.part[:0]
		o.torn = continued
	} else if !continued {
		o.part = o.part[:0]
	}
	o.sequence = sequence + 1
	o.granule, o.last = int64(binary.LittleEndian.Uint64(b[6:])), flags&4 != 0
	o.segments = append(o.segments[:0], b[27:27+int(b[26])]...)
	o.page = append(o.page[:0], b[27+int(b[26]):]...)
	return true
}

// oggSum returns the check sum of a page, whose own field counts as 0.
func oggSum(b []byte) (crc uint32) {
	for i, v := range b {
		if 22 <= i && i < 26 {
			v = 0
		}
		crc = crc<<8 ^ oggTable[byte(crc>>24)^v]
	}
	return crc
}

// oggTable is for the polynomial 0x04c11db7 without reflection.
var oggTable = func() (t [256]uint32) {
	for i := range t {
		c := uint32(i) << 24
		for range 8 {
			c = c<<1 ^ c>>31*0x04c11db7
		}
		t[i] = c
	}
	return t
}()

// oggClock compares the frames decoded with the positions that pages claim.
type oggClock struct {
	position int64 // frames decoded
}

// cut drops from the end of a packet's sound what lies behind the position of the
// last page, if it is the last packet that ends on its page.
func (c *oggClock) cut(out []float32, channels int, ends bool, o *oggReader) []float32 {
	frames := int64(len(out) / channels)
	c.position += frames
	if !ends || o.granule < 0 {
		return out
	}
	surplus := c.position - o.granule
	if o.last && 0 < surplus && surplus <= frames {
		return out[:(frames-surplus)*int64(channels)]
	}
	c.position = o.granule
	return out
}
