package vector_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
	"github.com/quintet-ai/quintet/internal/wal/faultfs"
	"github.com/quintet-ai/quintet/vector"
)

func graphOptions(dim int) vector.Options {
	return vector.WalkAlways(vector.Options{
		Dim: dim, Metric: vector.L2, Index: vector.HNSW, M: 6, EfConstruction: 40, SnapshotBytes: -1,
	})
}

// graphFiles are those of a collection with a snapshot that holds a graph and a log
// after it.
func graphFiles(t *testing.T, o vector.Options) (map[string][]byte, []item) {
	t.Helper()
	fs := faultfs.New()
	c := reopen(t, fs, o)
	vs := hard(7, 300, o.Dim)
	for i, v := range vs[:250] {
		upsert(t, c, item{ID: string(rune('A' + i)), Vector: v, Meta: vector.Meta{"i": i}, Text: "text"})
	}
	_, err := c.Delete(t.Context(), "A", "C")
	require.NoError(t, err)
	vector.Settle(c)
	require.NoError(t, c.Snapshot(t.Context()))
	for i, v := range vs[250:] {
		upsert(t, c, item{ID: string(rune('B' + 5*i)), Vector: v})
	}
	want := all(t, c)
	require.NoError(t, c.Close())
	return fs.Files(), want
}

func TestOpenDoesNotBuildTheGraphAnew(t *testing.T) {
	o := graphOptions(4)
	files, want := graphFiles(t, o)
	c := reopen(t, faultfs.With(files), o)
	s := stats(t, c)
	require.Equal(t, vector.HNSW, s.Index)
	require.LessOrEqual(t, s.Unlinked, 50, "only what is in the log")
	require.Equal(t, want, all(t, c))
	vector.Settle(c)
	for _, it := range want {
		h := search(t, c, query{Vector: it.Vector, K: 1})[0]
		require.Equal(t, it.ID, h.ID)
	}
	require.NoError(t, c.Compact(t.Context()))
	require.Equal(t, want, all(t, c))
	require.Zero(t, stats(t, c).Deleted)
}

func TestOtherOptionsOpenASnapshotWithAGraph(t *testing.T) {
	files, want := graphFiles(t, graphOptions(4))
	flat, wider, auto, codes := graphOptions(4), graphOptions(4), graphOptions(4), graphOptions(4)
	flat.Index, wider.M, auto.Index, codes.Quantization = vector.Flat, 12, vector.Auto, vector.SQ8
	for name, o := range map[string]vector.Options{"flat": flat, "wider": wider, "auto": auto, "codes": codes} {
		t.Run(name, func(t *testing.T) {
			fs := faultfs.With(files)
			for range 2 {
				c := reopen(t, fs, o)
				require.Equal(t, want, all(t, c))
				require.Equal(t, o.Index == vector.Flat, stats(t, c).Index == vector.Flat)
				for _, it := range want[:20] {
					require.Equal(t, it.ID, search(t, c, query{Vector: it.Vector, K: 1})[0].ID)
				}
				require.NoError(t, c.Snapshot(t.Context()))
				require.NoError(t, c.Close())
			}
		})
	}
}

func TestABackupTakesTheGraphAlong(t *testing.T) {
	o := graphOptions(4)
	files, want := graphFiles(t, o)
	c := reopen(t, faultfs.With(files), o)
	vector.Settle(c)
	var w bytes.Buffer
	require.NoError(t, c.Backup(t.Context(), &w))
	other := open(t, o)
	upsert(t, other, item{ID: "old", Vector: want[0].Vector})
	require.NoError(t, other.Restore(t.Context(), bytes.NewReader(w.Bytes())))
	require.Zero(t, stats(t, other).Unlinked)
	require.Equal(t, want, all(t, other))
	require.ErrorIs(t, other.Restore(t.Context(), bytes.NewReader(w.Bytes()[:w.Len()-40])), vector.ErrCorrupt)
	require.Equal(t, want, all(t, other))
}

func TestNoFlippedBitOfAGraphIsAccepted(t *testing.T) {
	mapped := graphOptions(wideDim)
	mapped.Mapped, mapped.Quantization = true, vector.SQ8
	half := graphOptions(3)
	half.Quantization = vector.F16
	for name, o := range map[string]vector.Options{"float32": graphOptions(3), "mapped": mapped, "f16": half} {
		trials := 200 / scale
		if o.Mapped {
			trials = 40 / scale // of long files
		}
		t.Run(name, func(t *testing.T) { noFlippedBit(t, o, trials) })
	}
}

func noFlippedBit(t *testing.T, o vector.Options, trials int) {
	files, _ := graphFiles(t, o)
	name := file(files, ".snap")
	rng := rand.New(rand.NewPCG(8, 8))
	for range trials {
		harmed := maps.Clone(files)
		harmed[name] = bytes.Clone(files[name])
		bit := rng.IntN(8 * len(files[name]))
		harmed[name][bit/8] ^= 1 << (bit % 8)
		_, err := vector.OpenIn[string](faultfs.With(harmed), store, o)
		require.ErrorIs(t, err, vector.ErrCorrupt, "bit %d", bit)
	}
	for n := 0; n < len(files[name]); n += 1 + 4*len(files[name])/trials {
		harmed := maps.Clone(files)
		harmed[name] = files[name][:n]
		_, err := vector.OpenIn[string](faultfs.With(harmed), store, o)
		require.ErrorIs(t, err, vector.ErrCorrupt, "cut at %d", n)
	}
}

// records returns where the records of a snapshot begin, and its end.
func records(b []byte) (at []int) {
	for i := 64; i < len(b); {
		at = append(at, i)
		n := int(binary.LittleEndian.Uint32(b[i:]))
		i += 32 + (n+31)&^31
	}
	return append(at, len(b))
}

// TestGraphsThatContradictTheItemsAreCorrupt changes snapshots and makes their
// checksums right again.
func TestGraphsThatContradictTheItemsAreCorrupt(t *testing.T) {
	o := graphOptions(3)
	files, _ := graphFiles(t, o)
	name := file(files, ".snap")
	table := crc32.MakeTable(crc32.Castagnoli)
	seal := func(b []byte, at int) {
		n := int(binary.LittleEndian.Uint32(b[at:]))
		binary.LittleEndian.PutUint32(b[at+24:], crc32.Checksum(b[at+32:at+32+n], table))
		binary.LittleEndian.PutUint32(b[at+28:], crc32.Checksum(b[at:at+28], table))
	}
	const node = 32 + 1 + 2 + 2 // the first one: after the record's header, the verb, the count and a key
	const item = 23             // bytes from one to the next
	for want, harm := range map[string]func(b []byte, at []int) []byte{
		"has no node 1": func(b []byte, at []int) []byte {
			copy(b[at[0]+node+item:][:4], b[at[0]+node:])
			return b
		},
		"has no node 2130706433": func(b []byte, at []int) []byte { b[at[0]+node+3] = 0x7f; return b },
		"comes twice": func(b []byte, at []int) []byte {
			copy(b[at[0]+node+item-2:][:2], b[at[0]+node-2:])
			return b
		},
		"part of ":        func(b []byte, at []int) []byte { b[at[1]+32+32+8] = 20; return b }, // the dimension
		"unknown verb 9":  func(b []byte, at []int) []byte { b[at[0]+32] = 9; return b },
		"not an index of": func(b []byte, at []int) []byte { b[at[1]+32+32]++; return b },
		"is not complete": func(b []byte, at []int) []byte {
			end := at[len(at)-2]
			binary.LittleEndian.PutUint64(b[end+8:], 2)
			return append(b[:at[1]:at[1]], b[end:]...)
		},
	} {
		t.Run(want, func(t *testing.T) {
			harmed := maps.Clone(files)
			b := bytes.Clone(files[name])
			b = harm(b, records(b))
			for _, at := range records(b)[:len(records(b))-1] {
				seal(b, at)
			}
			harmed[name] = b
			_, err := vector.OpenIn[string](faultfs.With(harmed), store, o)
			require.ErrorIs(t, err, vector.ErrCorrupt)
			require.ErrorIs(t, err, quintet.ErrInput)
			require.ErrorContains(t, err, want)
		})
	}
}

// TestFilesOfVersion1Open turns the version of a flat collection's files back: what
// is in them is the same.
func TestFilesOfVersion1Open(t *testing.T) {
	o := vector.Options{Dim: 3, Metric: vector.L2}
	files, states := written(t, o, true)
	for name, b := range files {
		if strings.HasSuffix(name, ".snap") || strings.HasSuffix(name, ".log") {
			require.EqualValues(t, 2, binary.LittleEndian.Uint32(b[8:]))
			binary.LittleEndian.PutUint32(b[8:], 1)
			clear(b[12:16])
			binary.LittleEndian.PutUint32(b[12:], crc32.Checksum(b[:64], crc32.MakeTable(crc32.Castagnoli)))
		}
	}
	for _, kind := range []vector.IndexKind{vector.Flat, vector.HNSW} {
		o.Index = kind
		c := reopen(t, faultfs.With(maps.Clone(files)), o)
		require.Equal(t, states[len(states)-1], all(t, c))
		require.Equal(t, kind, stats(t, c).Index)
	}
}

// TestAGraphInAFileOfEarlierVersionsOpens makes one of a backup: the parts of the graph
// stood right behind the verb, with the vectors last.
func TestAGraphInAFileOfEarlierVersionsOpens(t *testing.T) {
	const dim, chunk = 16, 4096 // no padding
	o := graphOptions(dim)
	files, want := graphFiles(t, o)
	c := reopen(t, faultfs.With(files), o)
	vector.Settle(c)
	var backup, old bytes.Buffer
	require.NoError(t, c.Backup(t.Context(), &backup))
	tag := wal.Tag(backup.Bytes()[32:48])
	parts := 0
	require.NoError(t, wal.WriteSnapshot(&old, tag, func(add func([]byte) error) error {
		return wal.ReadSnapshot(&backup, "backup", tag, func(block []byte) error {
			if block[0] != 5 {
				return add(block)
			}
			part := bytes.Clone(block[32:])
			switch parts++; parts {
			case 1:
				binary.LittleEndian.PutUint32(part[4:], 1)
			case 2:
				const rows = chunk * dim * 4
				part = append(bytes.Clone(part[rows:]), part[:rows]...)
			}
			return add(append([]byte{4}, part...))
		})
	}))
	require.Greater(t, parts, 1)
	other := open(t, o)
	require.NoError(t, other.Restore(t.Context(), &old))
	require.Equal(t, want, all(t, other))
	require.Zero(t, stats(t, other).Unlinked)
	for _, it := range want[:20] {
		require.Equal(t, it.ID, search(t, other, query{Vector: it.Vector, K: 1})[0].ID)
	}
}
