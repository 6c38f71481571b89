package tokenize

import (
	"fmt"
	"strings"
)

// A pattern finds the first match that begins at or after from. Matches are not
// empty; without one it returns -1, -1.
type pattern interface {
	find(t *classTable, b []byte, from int) (i, j int)
}

// newPattern compiles a regular expression: one of those that published
// tokenizers split words with (scanner.go), or alternatives of sequences of
// character sets with greedy counts, such as \s+ or ` {2,}`. No other is
// accepted, because an expression that is almost understood gives wrong ids.
func newPattern(expr string) (pattern, error) {
	expr = strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(expr)
	if s, ok := scanners[expr]; ok {
		return s, nil
	}
	if expr == bloom {
		expr = bloomFlat
	}
	p := &setPattern{}
	rd := patternReader{s: expr}
	for {
		seq, err := rd.sequence()
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", expr, err)
		}
		p.alternatives = append(p.alternatives, seq)
		if rd.s == "" {
			return p, nil
		}
		rd.s = rd.s[1:] // the bar
	}
}

// bloom is the expression of that model, which has a set in a set, and bloomFlat
// the same without.
const (
	bloom     = ` ?[^(\s|[.,!?…。，、।۔،])]+`
	bloomFlat = ` ?[^(\s|.,!?…。，、।۔،)]+`
)

// setPattern is a choice of sequences; the first that matches wins.
type setPattern struct{ alternatives [][]counted }

// counted is a character set that occurs min to max times, as often as it can.
type counted struct {
	set      charSet
	min, max int
}

// charSet is a set of characters: those of a class, those not of a class, and
// ranges; not says that the set is the complement of all that.
type charSet struct {
	is, isNot []class
	ranges    [][2]rune
	not       bool
}

func (s *charSet) has(t *classTable, r rune) bool {
	for _, x := range s.ranges {
		if x[0] <= r && r <= x[1] {
			return !s.not
		}
	}
	c := t.of(r)
	for _, x := range s.is {
		if c&x != 0 {
			return !s.not
		}
	}
	for _, x := range s.isNot {
		if c&x == 0 {
			return !s.not
		}
	}
	return s.not
}

func (p *setPattern) find(t *classTable, b []byte, from int) (int, int) {
	for i := from; i < len(b); {
		for _, seq := range p.alternatives {
			if j := matchSequence(t, seq, b, i); j > i {
				return i, j
			}
		}
		_, n := decode(b[i:])
		i += n
	}
	return -1, -1
}

// matchSequence returns the end of the match that begins at i, or -1. It need
// not go back: neighbours in a sequence have no character in common.
func matchSequence(t *classTable, seq []counted, b []byte, i int) int {
	for k := range seq {
		n := 0
		for n < seq[k].max && i < len(b) {
			r, size := decode(b[i:])
			if !seq[k].set.has(t, r) {
				break
			}
			i += size
			n++
		}
		if n < seq[k].min {
			return -1
		}
	}
	return i
}
