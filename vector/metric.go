package vector

import (
	"fmt"
	"math"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/simd"
)

// Metric says what near means.
type Metric int

// The metrics, with the Score and Distance of their hits for a query q and a
// vector v.
const (
	// Cosine looks at directions only. Score is the cosine of the angle, from
	// -1 to 1, Distance is 1 - Score. Vectors are scaled to norm 1 on the way
	// in, and are given back so.
	Cosine Metric = iota

	// Dot has as Score the dot product q·v, as Distance -q·v.
	Dot

	// L2 has as Distance the Euclidean |q-v|, as Score 1 / (1 + Distance).
	L2

	// Hamming is for vectors of bits: all floats must be 0 or 1, see [AppendBits].
	// Distance is the number of bits in which q and v differ, Score the share of
	// those in which they agree, 1 - Distance/Dim. Distances are exact.
	Hamming
)

// String returns the name in lower case.
func (m Metric) String() string { return nameOf(m, "metric", metrics()) }

// MarshalText returns the name of a known metric.
func (m Metric) MarshalText() ([]byte, error) { return marshalName(m, metrics()) }

// UnmarshalText reads a name: cosine, dot, l2 or hamming.
func (m *Metric) UnmarshalText(name []byte) (err error) {
	*m, err = unmarshalName[Metric](name, "metric", metrics())
	return err
}

func metrics() []string { return []string{"cosine", "dot", "l2", "hamming"} }

func (m Metric) known() bool { return m >= 0 && int(m) < len(metrics()) }

// squares reports whether ranks are squared distances. Between vectors of bits that is
// the number of those that differ, exactly: float32 counts to 16,777,216.
func (m Metric) squares() bool { return m == L2 || m == Hamming }

// maxNorm keeps every squared distance, up to (2·maxNorm)², a finite float32.
const maxNorm = 9e18

// scale checks a vector and returns the factor by which it is stored: one over
// its norm for Cosine, else 1.
func (m Metric) scale(v []float32, dim int) (float64, error) {
	if len(v) != dim {
		return 0, fmt.Errorf("vector has %d floats, want %d: %w", len(v), dim, quintet.ErrInput)
	}
	if m == Hamming {
		return 1, checkBits(v)
	}
	var squares float64 // cannot overflow: 8192 squares below 1.2e77
	for _, x := range v {
		squares += float64(x) * float64(x)
	}
	norm := math.Sqrt(squares)
	switch {
	case math.IsNaN(norm) || math.IsInf(norm, 0):
		return 0, fmt.Errorf("vector has NaN or infinity: %w", quintet.ErrInput)
	case m != Cosine && norm > maxNorm:
		return 0, fmt.Errorf("vector has norm %.3g, limit %.0e: %w", norm, float64(maxNorm), quintet.ErrInput)
	case m != Cosine:
		return 1, nil
	case norm == 0:
		return 0, fmt.Errorf("zero vector has no direction: %w", quintet.ErrInput)
	}
	return 1 / norm, nil
}

// plain reports quickly that a stored vector is finite and has a norm that it may
// have. It may be wrong about good ones only.
func (m Metric) plain(v []float32) bool {
	switch m {
	case Hamming:
		return false
	case Cosine:
		return math.Abs(float64(simd.Dot(v, v))-1) < 1e-3 // half of what checkStored lets pass
	}
	return simd.Dot(v, v) < maxNorm*maxNorm/4
}

func checkBits(v []float32) error {
	for i, x := range v {
		if x != 0 && x != 1 {
			return fmt.Errorf("vector has %v at %d, want bits 0 and 1: %w", x, i, quintet.ErrInput)
		}
	}
	return nil
}

// scaled writes v times the factor to dst, which may be longer: the rest is
// zeroed.
func scaled(dst, v []float32, factor float64) {
	for i, x := range v {
		dst[i] = float32(float64(x) * factor)
	}
	clear(dst[len(v):])
}

// A rank orders vectors by nearness, nearest lowest: the squared distance for
// L2 and Hamming, else the negated dot product. Rounding can push a cosine past 1, where it
// would make an order among equals.

func (m Metric) clampRank(r float32) float32 {
	if m == Cosine {
		return max(-1, min(r, 1))
	}
	return r
}

// measures returns the Score and Distance of a clamped rank, neither of them -0.
func (o Options) measures(rank float32) (score, distance float64) {
	r := float64(rank)
	switch o.Metric {
	case Cosine:
		return 0 - r, 1 + r
	case Dot:
		return 0 - r, 0 + r
	case Hamming:
		return 1 - r/float64(o.Dim), r
	default:
		d := math.Sqrt(r)
		return 1 / (1 + d), d
	}
}
