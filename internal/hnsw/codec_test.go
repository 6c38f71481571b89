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

// FuzzRead changes words of a good index and makes its checksums right again, so
// that the checks behind them are reached. What Read accepts must work.
func FuzzRead(f *testing.F) {
	good := written(f, 40)
	f.Add(uint32(3), uint32(9), uint32(60), uint32(0xFFFFFFFF))
	f.Add(uint32(10), uint32(1<<30), uint32(11), uint32(1<<30))
	f.Add(uint32(8), uint32(3), uint32(9), uint32(0))
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
	end := chunk + 4*(n/32*2+n+n*4+n*3)
	put(chunk, end)
	put(end+4, end+4+4*256*2)
}
