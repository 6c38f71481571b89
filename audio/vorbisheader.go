package audio

import (
	"fmt"
	"math/bits"

	"github.com/quintet-ai/quintet"
)

// vorbisSetup walks over the setup header of a Vorbis stream (Vorbis I, section 4.2)
// and refuses what would make a decoder allocate or run without bound: it comes
// before the decoder sees the bytes.
type vorbisSetup struct {
	b        []byte
	pos      int // in bits
	short    bool
	channels int
	books    []vorbisBook
	values   int64 // of all the codebooks
}

// vorbisBook is what other parts of the header must know of a codebook.
type vorbisBook struct {
	dimensions, entries int
	vectors             bool
}

// maxVorbisValues bounds the numbers that the codebooks of a stream hold; those
// of the reference encoder hold a tenth of that.
const maxVorbisValues = 1 << 21

var errVorbis = fmt.Errorf("damaged vorbis header: %w", quintet.ErrInput)

func (v *vorbisSetup) read(n int) int {
	r := 0
	if v.pos+n > 8*len(v.b) {
		v.short = true
		v.pos = 8 * len(v.b)
		return 0
	}
	for i := range n {
		r |= int(v.b[v.pos/8]>>(v.pos%8)&1) << i
		v.pos++
	}
	return r
}

func (v *vorbisSetup) bad(what string) error { return fmt.Errorf("%s: %w", what, errVorbis) }

// check walks the header, without its mark of seven bytes.
func (v *vorbisSetup) check() error {
	for range v.read(8) + 1 {
		if err := v.codebook(); err != nil {
			return err
		}
	}
	for range v.read(6) + 1 {
		if v.read(16) != 0 {
			return v.bad("time domain transform")
		}
	}
	floors := v.read(6) + 1
	for range floors {
		if err := v.floor(); err != nil {
			return err
		}
	}
	residues := v.read(6) + 1
	for range residues {
		if err := v.residue(); err != nil {
			return err
		}
	}
	mappings := v.read(6) + 1
	for range mappings {
		if err := v.mapping(floors, residues); err != nil {
			return err
		}
	}
	modes := v.read(6) + 1
	for range modes {
		v.read(1)
		if v.read(16) != 0 || v.read(16) != 0 || v.read(8) >= mappings {
			return v.bad("mode")
		}
	}
	if v.read(1) != 1 || v.short {
		return v.bad("end")
	}
	return nil
}

func (v *vorbisSetup) codebook() error {
	if v.read(24) != 0x564342 {
		return v.bad("codebook")
	}
	book := vorbisBook{dimensions: v.read(16), entries: v.read(24)}
	// Every entry takes a bit or more of the header, but those of an ordered book.
	if v.short || book.dimensions < 1 || book.entries < 2 || book.entries > maxVorbisValues/8 {
		return v.bad(fmt.Sprintf("codebook of %d entries of %d dimensions", book.entries, book.dimensions))
	}
	if err := v.lengths(book.entries); err != nil {
		return err
	}
	lookup := v.read(4)
	if lookup > 2 {
		return v.bad("kind of codebook")
	}
	v.values += int64(book.entries)
	if lookup > 0 {
		v.values += int64(book.entries) * int64(book.dimensions)
	}
	if v.values > maxVorbisValues {
		return v.bad(fmt.Sprintf("codebooks of more than %d values", maxVorbisValues))
	}
	if lookup > 0 {
		book.vectors = true
		v.read(32)
		v.read(32)
		width, values := v.read(4)+1, book.entries*book.dimensions
		v.read(1)
		if lookup == 1 {
			values = vorbisRoot(book.entries, book.dimensions)
		}
		if v.pos += width * values; v.pos > 8*len(v.b) {
			return v.bad("values of a codebook")
		}
	}
	v.books = append(v.books, book)
	return nil
}

// lengths reads the code lengths of a book. They must make a whole tree: with
// more the decoder would run out of its table, with less it would fall through.
func (v *vorbisSetup) lengths(entries int) error {
	var room uint64 // taken of the tree, in units of its deepest leaf
	if v.read(1) == 0 {
		sparse := v.read(1) == 1
		for range entries {
			if !sparse || v.read(1) == 1 {
				room += 1 << (32 - v.read(5) - 1)
			}
			if v.short {
				return v.bad("lengths of a codebook")
			}
		}
	} else {
		length := v.read(5) + 1
		for done := 0; done < entries; length++ {
			n := v.read(bits.Len(uint(entries - done)))
			if v.short || length > 32 || n > entries-done {
				return v.bad("lengths of a codebook")
			}
			done += n
			room += uint64(n) << (32 - length)
		}
	}
	if room != 1<<32 {
		return v.bad("tree of a codebook")
	}
	return nil
}

// vorbisRoot returns the largest number whose power is at most n.
func vorbisRoot(n, power int) int {
	for r := 1; ; r++ {
		p := 1
		for range power {
			if p *= r + 1; p > n {
				return r
			}
		}
	}
}

// book reports whether the header has a codebook of a number, with vectors if it
// must.
func (v *vorbisSetup) book(i int, vectors bool) bool {
	return i < len(v.books) && (v.books[i].vectors || !vectors)
}

// floor checks a floor of type 1; nobody writes the other, which took an encoder
// of the year 2000.
func (v *vorbisSetup) floor() error {
	switch v.read(16) {
	case 1:
	case 0:
		return fmt.Errorf("vorbis floor of type 0: %w", quintet.ErrUnsupported)
	default:
		return v.bad("floor")
	}
	partitions := make([]int, v.read(5))
	classes := 0
	for i := range partitions {
		partitions[i] = v.read(4)
		classes = max(classes, partitions[i]+1)
	}
	dimensions := make([]int, max(classes, 1))
	for i := range dimensions {
		dimensions[i] = v.read(3) + 1
		sub := v.read(2)
		if sub > 0 && !v.book(v.read(8), false) {
			return v.bad("floor")
		}
		for range 1 << sub {
			if n := v.read(8); n > 0 && !v.book(n-1, false) {
				return v.bad("floor")
			}
		}
	}
	v.read(2)
	width := v.read(4)
	seen := map[int]bool{0: true, 1 << width: true}
	for _, class := range partitions {
		for range dimensions[class] {
			x := v.read(width)
			if seen[x] {
				return v.bad("points of a floor")
			}
			seen[x] = true
		}
	}
	if v.short || len(seen) > 65 {
		return v.bad("points of a floor")
	}
	return nil
}

func (v *vorbisSetup) residue() error {
	kind, begin, end, size := v.read(16), v.read(24), v.read(24), v.read(24)+1
	classes, classbook := v.read(6)+1, v.read(8)
	if kind > 2 || begin > end || !v.book(classbook, false) || v.books[classbook].dimensions > 64 {
		return v.bad("residue")
	}
	cascade := make([]int, classes)
	for i := range cascade {
		cascade[i] = v.read(3)
		if v.read(1) == 1 {
			cascade[i] |= v.read(5) << 3
		}
	}
	for _, passes := range cascade {
		for range bits.OnesCount(uint(passes)) {
			n := v.read(8)
			if !v.book(n, true) || size%v.books[n].dimensions != 0 {
				return v.bad("books of a residue")
			}
		}
	}
	if v.short {
		return v.bad("residue")
	}
	return nil
}

func (v *vorbisSetup) mapping(floors, residues int) error {
	if v.read(16) != 0 {
		return v.bad("mapping")
	}
	submaps := 1
	if v.read(1) == 1 {
		submaps = v.read(4) + 1
	}
	if v.read(1) == 1 {
		width := bits.Len(uint(v.channels - 1))
		for range v.read(8) + 1 {
			m, a := v.read(width), v.read(width)
			if m == a || m >= v.channels || a >= v.channels {
				return v.bad("coupling of channels")
			}
		}
	}
	if v.read(2) != 0 {
		return v.bad("mapping")
	}
	if submaps > 1 {
		for range v.channels {
			if v.read(4) >= submaps {
				return v.bad("mapping")
			}
		}
	}
	for range submaps {
		v.read(8)
		if v.read(8) >= floors || v.read(8) >= residues {
			return v.bad("mapping")
		}
	}
	return nil
}
