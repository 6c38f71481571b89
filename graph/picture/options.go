package picture

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

// Options says how to draw a graph with keys of type K. The zero value is good.
type Options[K comparable] struct {
	// Width and Height are the size of the drawing in pixels, 64 to 8192.
	// Default: 1200 and 900.
	Width, Height int

	// Title stands at the top. Default: none.
	Title string

	// Groups are the groups of nodes by node index, such as Partition.Labels; a
	// negative one is none. Default: all nodes are in one.
	Groups []int32

	// Scores are the areas of nodes by node index, such as Scores.Values, which are
	// taken in proportion to the largest; not negative. Labels go to the highest
	// scores first. Default: the degrees.
	Scores []float64

	// Label returns the label of a node, "" for none. One line of it is drawn, and
	// at most 40 runes. Default: the key as fmt.Sprint prints it.
	Label func(K) string

	// MaxLabels is how many nodes may have a label. Default: 80.
	MaxLabels int

	// NoLabels leaves all labels out.
	NoLabels bool
}

const (
	minSide, maxSide = 64, 8192
	maxRunes         = 40 // of a label
)

func (o Options[K]) withDefaults() (Options[K], error) {
	for _, side := range [2]*int{&o.Width, &o.Height} {
		if *side != 0 && (*side < minSide || *side > maxSide) {
			return o, fmt.Errorf("picture: Width is %d, Height %d: %w", o.Width, o.Height, quintet.ErrOption)
		}
	}
	if o.MaxLabels < 0 {
		return o, fmt.Errorf("picture: MaxLabels is %d: %w", o.MaxLabels, quintet.ErrOption)
	}
	if o.Width == 0 {
		o.Width = 1200
	}
	if o.Height == 0 {
		o.Height = 900
	}
	if o.MaxLabels == 0 {
		o.MaxLabels = 80
	}
	if o.Label == nil {
		o.Label = func(k K) string { return fmt.Sprint(k) }
	}
	return o, nil
}

// check looks whether what is to be drawn belongs together.
func (o Options[K]) check(g *graph.Graph[K], l *graph.Layout[K]) error {
	switch {
	case g == nil || l == nil:
		return fmt.Errorf("picture: nil graph or layout: %w", quintet.ErrInput)
	case len(l.Points) != g.Order():
		return fmt.Errorf("picture: %d points for %d nodes: %w", len(l.Points), g.Order(), quintet.ErrInput)
	case l.Bends != nil && len(l.Bends) != g.Size():
		return fmt.Errorf("picture: bends of %d edges for %d: %w", len(l.Bends), g.Size(), quintet.ErrInput)
	case o.Groups != nil && len(o.Groups) != g.Order():
		return fmt.Errorf("picture: %d groups for %d nodes: %w", len(o.Groups), g.Order(), quintet.ErrInput)
	case o.Scores != nil && len(o.Scores) != g.Order():
		return fmt.Errorf("picture: %d scores for %d nodes: %w", len(o.Scores), g.Order(), quintet.ErrInput)
	}
	for u, s := range o.Scores {
		if !(s >= 0 && s <= math.MaxFloat64) {
			return fmt.Errorf("picture: node %d has score %v: %w", u, s, quintet.ErrInput)
		}
	}
	lo, hi := l.Bounds()
	points := func(all []graph.Point) bool {
		for _, p := range all {
			if math.IsNaN(p.X) || math.IsNaN(p.Y) {
				return false
			}
		}
		return true
	}
	good := points(l.Points) && points([]graph.Point{{X: hi.X - lo.X, Y: hi.Y - lo.Y}}) &&
		hi.X-lo.X <= math.MaxFloat64 && hi.Y-lo.Y <= math.MaxFloat64
	for _, bends := range l.Bends {
		good = good && points(bends)
	}
	if !good {
		return fmt.Errorf("picture: a point of the layout is not finite: %w", quintet.ErrInput)
	}
	return nil
}

// line makes a text one line of at most n runes that XML may hold.
func line(s string, n int) string {
	s = strings.ToValidUTF8(s[:min(len(s), 64*n)], "\ufffd")
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || r == '\ufffe' || r == '\uffff':
			return '\ufffd'
		}
		return r
	}, s)), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n-1])) + "…"
}
