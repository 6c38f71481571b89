package text

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/quintet-ai/quintet"
)

// DuplicateFinderOptions configures a [DuplicateFinder]. The zero value finds
// documents that share four fifths of their shingles.
type DuplicateFinderOptions struct {
	// Threshold is the least similarity, 0.1 to 1, of near duplicates, as
	// [MinHash] estimates it. Default: 0.8.
	Threshold float64

	// Hashes is the length of the signatures, 16 to 4,096. Default: 128.
	Hashes int
}

func (o DuplicateFinderOptions) withDefaults() (DuplicateFinderOptions, error) {
	if o.Threshold == 0 {
		o.Threshold = 0.8
	}
	if o.Hashes == 0 {
		o.Hashes = 128
	}
	if !(o.Threshold >= 0.1 && o.Threshold <= 1) {
		return o, fmt.Errorf("text: Threshold is %v, want 0.1 to 1: %w", o.Threshold, quintet.ErrOption)
	}
	if o.Hashes < 16 || o.Hashes > 4096 {
		return o, fmt.Errorf("text: Hashes is %d, want 16 to 4096: %w", o.Hashes, quintet.ErrOption)
	}
	return o, nil
}

// Duplicate is a document that is like another.
type Duplicate struct {
	ID    string  `json:"id"`
	Score float64 `json:"score"` // estimated similarity, Threshold to 1
}

// DuplicateFinder finds near duplicates among documents as they come. It is
// locality sensitive hashing (Indyk and Motwani, STOC 1998): signatures are cut
// into bands, and only documents that agree in a whole band are compared. The
// bands are chosen so that a pair at the threshold agrees in one with a probability
// of 0.95 or more, and one above it more often.
//
// A document is compared with at most 64 others for each band, those that came
// first: so a thousand copies cost no more than a thousand documents, each is
// found to be like the first ones, and to add n documents takes O(n) steps. The
// memory is about 1.5 KB a document with the default options. It is safe for
// concurrent use.
type DuplicateFinder struct {
	opt   DuplicateFinderOptions
	bands int
	rows  int // of a band

	mu    sync.RWMutex
	ids   []string
	marks []MinHash
	table map[uint64][]int32 // documents by the hash of a band
}

// maxBucket is the number of documents that are compared for a band.
const maxBucket = 64

// NewDuplicateFinder returns a finder without documents, or an error wrapping
// [quintet.ErrOption].
func NewDuplicateFinder(o DuplicateFinderOptions) (*DuplicateFinder, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	f := &DuplicateFinder{opt: o, table: map[uint64][]int32{}}
	f.bands, f.rows = bands(o.Threshold, o.Hashes)
	return f, nil
}

// bands returns the fewest bands, and so the fewest comparisons, with which a pair
// of documents at the threshold is missed once in twenty times at most.
func bands(threshold float64, hashes int) (bands, rows int) {
	for rows = hashes; rows > 1; rows-- {
		bands = hashes / rows
		if math.Pow(1-math.Pow(threshold, float64(rows)), float64(bands)) <= 0.05 {
			return bands, rows
		}
	}
	return hashes, 1
}

// Add returns the near duplicates of body among the documents that were added
// before, as Search does, and adds body under id, which need not be unique. A body
// without words is like no other and is not added.
func (f *DuplicateFinder) Add(id, body string) []Duplicate {
	m := NewMinHash(body, f.opt.Hashes)
	if m == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	found := f.search(m)
	number := int32(len(f.ids))
	f.ids, f.marks = append(f.ids, id), append(f.marks, m)
	for band := range f.bands {
		key := f.key(m, band)
		if in := f.table[key]; len(in) < maxBucket {
			f.table[key] = append(in, number)
		}
	}
	return found
}

// Search returns the near duplicates of body, the most similar first; those with
// the same score in the order in which they were added.
func (f *DuplicateFinder) Search(body string) []Duplicate {
	m := NewMinHash(body, f.opt.Hashes)
	if m == nil {
		return nil
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.search(m)
}

// Len returns the number of documents that were added.
func (f *DuplicateFinder) Len() int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return len(f.ids)
}

func (f *DuplicateFinder) search(m MinHash) []Duplicate {
	var near []int32
	for band := range f.bands {
		near = append(near, f.table[f.key(m, band)]...)
	}
	slices.Sort(near)
	var found []Duplicate
	for _, i := range slices.Compact(near) {
		if score := m.Similarity(f.marks[i]); score >= f.opt.Threshold {
			found = append(found, Duplicate{f.ids[i], score})
		}
	}
	slices.SortStableFunc(found, func(a, b Duplicate) int { return cmp.Compare(b.Score, a.Score) })
	return found
}

// key is a hash of the numbers of a band and its place.
func (f *DuplicateFinder) key(m MinHash, band int) uint64 {
	h := uint64(band)
	for _, least := range m[band*f.rows : (band+1)*f.rows] {
		h = pair(h, uint64(least))
	}
	return h
}
