package hnsw_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/hnsw"
)

func written(t testing.TB, n int) []byte {
	t.Helper()
	ix := build(t, hnsw.Options{Dim: 3, M: 2, EfConstruction: 8}, clusters(1, n, 3, false), 1)
	ix.Delete(1, 2)
	var b bytes.Buffer
	_, err := ix.WriteTo(&b)
	require.NoError(t, err)
	return b.Bytes()
}

func TestDamageIsNoticed(t *testing.T) {
	good := written(t, 50)
	_, err := hnsw.Read(bytes.NewReader(good))
	require.NoError(t, err)
	for at := 0; at < len(good); at += 1 + at/100 {
		bad := bytes.Clone(good)
		bad[at] ^= 1 << (at % 8)
		_, err := hnsw.Read(bytes.NewReader(bad))
		requireCorrupt(t, err)
		_, err = hnsw.Read(bytes.NewReader(good[:at]))
		requireCorrupt(t, err)
	}
	_, err = hnsw.Read(iotest.ErrReader(errors.ErrUnsupported))
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

func requireCorrupt(t testing.TB, err error) {
	t.Helper()
	var corrupt *hnsw.CorruptError
	require.ErrorAs(t, err, &corrupt)
	require.ErrorIs(t, err, quintet.ErrInput)
	require.NotEmpty(t, corrupt.Reason)
}

func TestWhatComesAfterAnIndexIsLeftAlone(t *testing.T) {
	r := bytes.NewReader(append(written(t, 20), "more"...))
	_, err := hnsw.Read(r)
	require.NoError(t, err)
	require.Equal(t, 4, r.Len())
}

func TestAFullDiskIsReported(t *testing.T) {
	ix := build(t, hnsw.Options{Dim: 3}, clusters(1, 100, 3, false), 1)
	for _, room := range []int{0, 60, 5000} {
		_, err := ix.WriteTo(&full{room})
		require.ErrorIs(t, err, errFull)
	}
}

var errFull = errors.New("full")

type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// parts copies those of an index.
func parts(t *testing.T, ix *hnsw.Index) (out [][]byte) {
	t.Helper()
	require.NoError(t, ix.Parts(func(part []byte) error {
		at := ix.Layout().NewChunk()[:0] // begins at a multiple of 32
		out = append(out, append(at, part...))
		return nil
	}))
	return out
}

// same wants another index to hold and find what ix does.
func same(t *testing.T, ix, other *hnsw.Index, queries [][]float32) {
	t.Helper()
	require.Equal(t, ix.Options(), other.Options())
	require.Equal(t, ix.End(), other.End())
	for id := range ix.End() {
		require.Equal(t, ix.Vector(id), other.Vector(id))
	}
	var s hnsw.Searcher
	for _, q := range queries {
		require.Equal(t, ix.Search(nil, q, 10, 40, nil, &s), other.Search(nil, q, 10, 40, nil, &s))
	}
}

func TestADecoderKeepsWholeChunks(t *testing.T) {
	for _, half := range []bool{false, true} {
		vs := clusters(3, 5000, 48, false)
		ix := build(t, hnsw.Options{Dim: 48, M: 4, EfConstruction: 8, Half: half}, vs, 1)
		ix.Delete(7)
		for _, keep := range []bool{false, true} {
			all := parts(t, ix)
			d := hnsw.Decoder{Keep: keep}
			for _, part := range all {
				require.Equal(t, len(part), d.Next())
				require.NoError(t, d.Part(part))
				if !keep {
					clear(part)
				}
			}
			other, err := d.Index()
			require.NoError(t, err)
			same(t, ix, other.WalkAlways(), vs[:20])
			mapped := other.Stats().MappedBytes
			require.Equal(t, keep, mapped > 0)
			require.Equal(t, ix.Stats().RowBytes, mapped+other.Stats().RowBytes)
			last := ix.Rows(0)
			if keep {
				require.Equal(t, &all[1][0], &other.Rows(0)[0])
				require.EqualValues(t, len(last), other.Stats().RowBytes, "the last chunk takes vectors")
			}
			other.Add(5000, vs[0])
			other.Add(5001, vs[1])
		}
	}
}

// TestFilesOfVersion1AreRead makes them of others: without padding only the order
// differs.
func TestFilesOfVersion1AreRead(t *testing.T) {
	vs := clusters(4, 3000, 32, false)
	ix := build(t, hnsw.Options{Dim: 32, M: 4, EfConstruction: 8}, vs, 1)
	rows := len(ix.Rows(0))
	all := parts(t, ix)
	var d hnsw.Decoder
	for i, part := range all {
		switch {
		case i == 0:
			binary.LittleEndian.PutUint32(part[4:], 1)
		case ix.Rows(i-1) != nil:
			part = append(bytes.Clone(part[rows:]), part[:rows]...)
		}
		require.NoError(t, d.Part(part))
	}
	other, err := d.Index()
	require.NoError(t, err)
	same(t, ix, other.WalkAlways(), vs[:20])
}

func TestVectorsThatAreNoneAreRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		half   bool
		offset int
		bits   uint32
	}{
		"infinity":             {false, 8, 0x7F800000},
		"no number":            {false, 8, 0x7FC00001},
		"infinity in 16 bits":  {true, 4, 0x7C00},
		"padding":              {false, 4 * 20, 1},
		"padding of 16 bits":   {true, 2 * 20, 1},
		"negative no number":   {true, 0, 0xFE00},
		"padding with minus 0": {false, 4 * 31, 1 << 31},
	} {
		t.Run(name, func(t *testing.T) {
			all := parts(t, build(t, hnsw.Options{Dim: 20, M: 4, Half: tt.half}, clusters(5, 5000, 20, false), 1))
			var d hnsw.Decoder
			require.NoError(t, d.Part(all[0]))
			for i, b := range binary.LittleEndian.AppendUint32(nil, tt.bits)[:4>>btoi(tt.half)] {
				all[1][tt.offset+i] = b
			}
			require.ErrorContains(t, d.Part(all[1]), "not finite")
		})
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// FuzzRead changes words of a good index and makes its checksums right again, so
// that the checks behind them are reached. What Read accepts must work.
func FuzzRead(f *testing.F) {
	good := written(f, 40)
	f.Add(uint32(3), uint32(9), uint32(60), uint32(0xFFFFFFFF))
	f.Add(uint32(10), uint32(1<<30), uint32(11), uint32(1<<30))
	f.Add(uint32(8), uint32(3), uint32(9), uint32(0))
	f.Add(uint32(13), uint32(0x102), uint32(1), uint32(1))
	f.Fuzz(func(t *testing.T, at1, word1, at2, word2 uint32) {
		bad := bytes.Clone(good)
		for _, c := range [][2]uint32{{at1, word1}, {at2, word2}} {
			binary.LittleEndian.PutUint32(bad[c[0]%uint32(len(bad)/4)*4:], c[1])
		}
		seal(bad, 14)
		ix, err := hnsw.Read(bytes.NewReader(bad))
		if err != nil {
			requireCorrupt(t, err)
			return
		}
		var s hnsw.Searcher
		q := make([]float32, ix.Options().Dim)
		hits := ix.Search(nil, q, 5, 5, nil, &s)
		if len(hits) != min(5, ix.Len()) {
			t.Fatalf("%d hits of %d", len(hits), ix.Len())
		}
		ix.Delete(hits[0].ID)
		ix.Compact()
	})
}

// seal makes the checksums of the header and of the parts after it right, as far
// as their sizes are those of the good index.
func seal(b []byte, header int) {
	table := crc32.MakeTable(crc32.Castagnoli)
	put := func(lo, hi int) {
		if hi+4 <= len(b) {
			binary.LittleEndian.PutUint32(b[hi:], crc32.Checksum(b[lo:hi], table))
		}
	}
	put(0, 4*header)
	const n = 4096
	chunk := 4*header + 4
	end := chunk + 4*(n/32*2+n+n*4+n*16)
	put(chunk, end)
	put(end+4, end+4+4*256*2)
}
