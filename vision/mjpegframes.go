package vision

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/quintet-ai/quintet"
)

// maxBetween is how many bytes may stand between two pictures of a Motion JPEG: those
// of a boundary with its headers, or of padding.
const maxBetween = 64 << 10

// MJPEGFrames returns the pictures of a Motion JPEG as they come: JPEG files one behind
// the other, or the parts of a multipart stream, as cameras send them. Of a part, its
// boundary and headers are passed over. ID is the number of a frame, from 0; Data is its
// file, which is the receiver's. Nothing is decoded.
//
// A frame that is broken or has more than l.MaxBytes is an error wrapping
// [quintet.ErrInput], and the next frame follows; what stands between two frames may be
// 64 KiB. After an error of r, or the end of r inside of a frame, nothing comes. The
// frames of AVI files that leave out their Huffman tables are not complete JPEGs.
//
// Of r, at most one frame and some KiB are held. The sequence can be taken once.
func MJPEGFrames(r io.Reader, l Limits) iter.Seq2[Picture, error] {
	return func(yield func(Picture, error) bool) {
		l, err := l.withDefaults()
		if err != nil {
			yield(Picture{}, err)
			return
		}
		m := mjpeg{r: bufio.NewReader(r), most: l.MaxBytes}
		for n := 0; ; n++ {
			data, err := m.next()
			if errors.Is(err, io.EOF) {
				return
			}
			id := strconv.Itoa(n)
			if err != nil {
				err = fmt.Errorf("frame %s: %w", id, err)
			}
			if !yield(Picture{ID: id, Data: data}, err) || m.ended {
				return
			}
		}
	}
}

// mjpeg cuts a stream into JPEG files.
type mjpeg struct {
	r     *bufio.Reader
	most  int64
	frame []byte
	begun bool // the start of the next file has been read
	ended bool // nothing more can be read
}

// next returns the next file, or io.EOF behind the last.
func (m *mjpeg) next() ([]byte, error) {
	if err := m.start(); err != nil {
		return nil, err
	}
	m.begun = false
	m.frame = []byte{0xff, 0xd8}
	if err := m.segments(); err != nil {
		if errors.Is(err, io.EOF) {
			m.ended = true
			err = fmt.Errorf("jpeg ends after %d bytes: %w", len(m.frame), quintet.ErrInput)
		}
		return nil, err
	}
	return m.frame, nil
}

// start passes over what is before a file and its first two bytes.
func (m *mjpeg) start() error {
	if m.begun {
		return nil
	}
	last := byte(0)
	for range maxBetween {
		b, err := m.r.ReadByte()
		if err != nil {
			m.ended = true
			return err
		}
		if last == 0xff && b == 0xd8 {
			return nil
		}
		last = b
	}
	m.ended = true
	return fmt.Errorf("no jpeg in %d bytes: %w", maxBetween, quintet.ErrInput)
}

// segments reads to the marker at the end of a file.
func (m *mjpeg) segments() error {
	marker, err := m.marker()
	for err == nil {
		switch {
		case marker == 0xd9:
			return nil
		case marker == 0xd8:
			m.begun = true
			return fmt.Errorf("jpeg begins inside of another: %w", quintet.ErrInput)
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd7:
			marker, err = m.marker()
			continue
		}
		if err = m.body(); err != nil {
			return err
		}
		if marker == 0xda {
			marker, err = m.scan()
		} else {
			marker, err = m.marker()
		}
	}
	return err
}

// marker reads one, of which the first byte may be repeated.
func (m *mjpeg) marker() (byte, error) {
	b, err := m.read()
	if err == nil && b != 0xff {
		return 0, fmt.Errorf("0x%02x is not a jpeg marker: %w", b, quintet.ErrInput)
	}
	for err == nil && b == 0xff {
		b, err = m.read()
	}
	return b, err
}

// body reads a segment behind its marker.
func (m *mjpeg) body() error {
	hi, err := m.read()
	if err != nil {
		return err
	}
	lo, err := m.read()
	if err != nil {
		return err
	}
	n := int(hi)<<8 | int(lo)
	if n < 2 {
		return fmt.Errorf("jpeg segment of %d bytes: %w", n, quintet.ErrInput)
	}
	for range n - 2 {
		if _, err := m.read(); err != nil {
			return err
		}
	}
	return nil
}

// scan reads coded data up to the next marker that is not a part of it.
func (m *mjpeg) scan() (byte, error) {
	for {
		b, err := m.read()
		if err != nil {
			return 0, err
		}
		for b == 0xff {
			if b, err = m.read(); err != nil {
				return 0, err
			}
			if b != 0 && b != 0xff && (b < 0xd0 || b > 0xd7) {
				return b, nil
			}
		}
	}
}

// read takes a byte into the frame.
func (m *mjpeg) read() (byte, error) {
	if int64(len(m.frame)) >= m.most {
		return 0, &LimitError{Field: "Bytes", Got: m.most + 1, Max: m.most}
	}
	b, err := m.r.ReadByte()
	switch {
	case err == nil:
		m.frame = append(m.frame, b)
	case !errors.Is(err, io.EOF):
		m.ended = true
	}
	return b, err
}
