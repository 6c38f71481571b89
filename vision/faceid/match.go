package faceid

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/quintet-ai/quintet"
)

// Cosine returns that of the angle between two vectors, from -1 to 1: 1 for one face.
// Vectors of different lengths, of zeros, or with numbers that are not finite are
// [quintet.ErrInput].
func Cosine(a, b []float32) (float64, error) {
	if len(a) != len(b) {
		return 0, fmt.Errorf("vectors of %d and %d numbers: %w", len(a), len(b), quintet.ErrInput)
	}
	var ab, aa, bb float64
	for i, x := range a {
		y := float64(b[i])
		ab, aa, bb = ab+float64(x)*y, aa+float64(x)*float64(x), bb+y*y
	}
	c := ab / math.Sqrt(aa*bb)
	if math.IsNaN(c) || math.IsInf(c, 0) || aa == 0 || bb == 0 {
		return 0, fmt.Errorf("a vector without a direction: %w", quintet.ErrInput)
	}
	return min(max(c, -1), 1), nil
}

// Threshold returns the least score at which at most a share of falsely, from 0 to 1, of
// pairs of different people count as one person: what MinScore should be for a network
// whose scores for such pairs are given. With 0 it is just above the highest. No scores,
// numbers that are not finite, or a share outside of the range are [quintet.ErrInput]. It
// says little below a share of some multiples of one over the number of pairs.
func Threshold(different []float64, falsely float64) (float64, error) {
	if len(different) == 0 || !(falsely >= 0 && falsely <= 1) {
		return 0, fmt.Errorf("%d scores, share %v: %w", len(different), falsely, quintet.ErrInput)
	}
	sorted := slices.Sorted(slices.Values(different))
	for _, v := range sorted {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, fmt.Errorf("score %v: %w", v, quintet.ErrInput)
		}
	}
	keep := len(sorted) - int(falsely*float64(len(sorted)))
	if keep == 0 {
		return sorted[0], nil
	}
	return math.Nextafter(sorted[keep-1], math.Inf(1)), nil
}

// defaultMinScore is above what networks that were trained with an angular margin give
// for different people.
const defaultMinScore = 0.4

func minScore(v float64) (float64, error) {
	if !(v >= -1 && v <= 1) { // nor NaN
		return 0, fmt.Errorf("faceid: MinScore is %v, want -1 to 1: %w", v, quintet.ErrOption)
	}
	if v == 0 {
		v = defaultMinScore
	}
	return v, nil
}

// GalleryOptions configures a [Gallery].
type GalleryOptions struct {
	// MinScore is the [Cosine] from which on two faces may be of one person, -1 to 1.
	// It depends on the network: see [Threshold]. Default: 0.4.
	MinScore float64
}

// Match is a person that a face may be of.
type Match struct {
	Name  string  `json:"name"`  // of the person
	Score float64 `json:"score"` // the highest cosine of a face of theirs
}

// Gallery knows people by faces of theirs. It compares with each face. It is safe for
// concurrent use.
type Gallery struct {
	least float64
	mu    sync.RWMutex
	names []string
	faces [][]float32
}

// NewGallery returns one without people, or an error wrapping [quintet.ErrOption].
func NewGallery(o GalleryOptions) (*Gallery, error) {
	least, err := minScore(o.MinScore)
	if err != nil {
		return nil, err
	}
	return &Gallery{least: least}, nil
}

// Add keeps a copy of a face of a person, who may have several. The first face says how
// long vectors are; one of another length or without a direction is [quintet.ErrInput].
func (g *Gallery) Add(name string, face []float32) error {
	if _, err := Cosine(face, face); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.faces) > 0 && len(g.faces[0]) != len(face) {
		return fmt.Errorf("vector of %d numbers, want %d: %w", len(face), len(g.faces[0]), quintet.ErrInput)
	}
	g.names, g.faces = append(g.names, name), append(g.faces, slices.Clone(face))
	return nil
}

// Delete forgets the faces of a person and returns how many there were.
func (g *Gallery) Delete(name string) (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := len(g.names) - 1; i >= 0; i-- {
		if g.names[i] == name {
			g.names, g.faces = slices.Delete(g.names, i, i+1), slices.Delete(g.faces, i, i+1)
			n++
		}
	}
	return n
}

// Match returns the people that a face may be of, the highest score first, of equal ones
// by name; none if it is nobody that is known. Its errors are those of [Cosine].
func (g *Gallery) Match(face []float32) ([]Match, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	best := map[string]float64{}
	for i, f := range g.faces {
		c, err := Cosine(face, f)
		if err != nil {
			return nil, err
		}
		if old, ok := best[g.names[i]]; c >= g.least && (!ok || c > old) {
			best[g.names[i]] = c
		}
	}
	var out []Match
	for name, c := range best {
		out = append(out, Match{name, c})
	}
	slices.SortFunc(out, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}
