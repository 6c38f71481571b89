package mp3_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/mp3"
)

// file returns a file of audio/testdata/mp3.
func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../audio/testdata/mp3/" + name)
	require.NoError(t, err)
	return b
}

// frame is a frame of a stream.
type frame struct {
	header mp3.Header
	data   []byte
}

// frames cuts a stream of whole frames.
func frames(b []byte) (all []frame) {
	for len(b) > 0 {
		h, ok := mp3.ParseHeader(b)
		if !ok || len(b) < h.Size {
			break
		}
		all = append(all, frame{h, b[:h.Size]})
		b = b[h.Size:]
	}
	return all
}

// bitWriter writes numbers, the highest bit first.
type bitWriter struct {
	b   []byte
	pos int
}

func (w *bitWriter) write(n int, v int) {
	for i := n - 1; i >= 0; i-- {
		if w.pos%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.pos/8] |= byte(v>>i&1) << (7 - w.pos%8)
		w.pos++
	}
}

// part is what a channel has in a granule.
type part struct {
	bits, pairs, gain, scaleCode int
	tables                       [3]int
	switched                     bool // and, if so,
	block                        int
	mixed                        bool
}

// write writes the side information of a part, with the largest regions.
func (p part) write(w *bitWriter, version int) {
	w.write(12, p.bits)
	w.write(9, p.pairs)
	w.write(8, p.gain)
	w.write(9-5*(version&1), p.scaleCode)
	if p.switched {
		mixed := 0
		if p.mixed {
			mixed = 1
		}
		w.write(4, 8|p.block<<1|mixed)
		w.write(10, p.tables[0]<<5|p.tables[1])
		w.write(9, 0)
	} else {
		w.write(16, p.tables[0]<<10|p.tables[1]<<5|p.tables[2])
		w.write(7, 15<<3|7)
	}
	if version == 1 {
		w.write(1, 0)
	}
	w.write(2, 0)
}

// build returns a frame of MPEG 1 at 44.1 kHz and 128 kbit/s or MPEG 2 at 22.05 kHz and 64
// kbit/s, of two channels in a mode of the header's last byte, with the bits of main behind.
// Every granule has the same two parts.
func build(version, mode, begin int, parts [2]part, main []byte) []byte {
	w := &bitWriter{}
	w.write(16, 0xfff3|version&1<<3)
	w.write(16, 0x9000-0x1000*(1-version&1)|mode)
	w.write(10-version&1, begin<<(2*(1-version&1))) // two private bits of MPEG 2
	if version == 1 {
		w.write(3+8, 0)
	}
	for range 3 - version {
		for _, p := range parts {
			p.write(w, version)
		}
	}
	b := append(w.b, main...)
	h, _ := mp3.ParseHeader(b)
	return append(b, make([]byte, h.Size)...)[:h.Size]
}
