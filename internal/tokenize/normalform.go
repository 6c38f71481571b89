package tokenize

import (
	"slices"
	"sync"

	"golang.org/x/text/unicode/norm"
)

// normalForm is NFC, NFD, NFKC or NFKD as the reference library knows them,
// which is of Unicode 9: later characters have no decomposition, no combining
// class and no composition. Unlike package norm it never inserts U+034F into
// long runs of marks.
type normalForm struct{ form norm.Form }

func (n normalForm) normalize(sc *scratch, src, dst *text) bool {
	// A text that is normal by a later edition is so by Unicode 9, because
	// what the later one knows more only adds reasons to change it.
	if n.form.QuickSpan(src.b) == len(src.b) {
		return false
	}
	sc.changes = n.decompose(sc.changes[:0], src.b)
	if n.form == norm.NFC || n.form == norm.NFKC {
		sc.changes = compose(sc.changes)
	}
	w := rewrite(src, dst)
	w.apply(sc.changes)
	return true
}

// decompose appends the canonical or compatible decomposition of b in
// canonical order.
func (n normalForm) decompose(all []change, b []byte) []change {
	form := norm.NFD
	if n.form == norm.NFKC || n.form == norm.NFKD {
		form = norm.NFKD
	}
	for i := 0; i < len(b); {
		r, size := decode(b[i:])
		switch {
		case r < 0xa0 || newer(r):
			all = append(all, change{r: r})
		case hangulBase <= r && r < hangulBase+hangulCount:
			all = appendHangul(all, r-hangulBase)
		default:
			all = appendDecomposition(all, form, r, b[i:i+size])
		}
		i += size
	}
	orderMarks(all)
	return all
}

func appendDecomposition(all []change, form norm.Form, r rune, b []byte) []change {
	p := form.Properties(b)
	d := p.Decomposition()
	if d == nil {
		return append(all, change{r: r, ccc: p.CCC()})
	}
	for i := 0; i < len(d); {
		r, size := decode(d[i:])
		c := change{r: r, ccc: norm.NFD.Properties(d[i:]).CCC()}
		if i > 0 {
			c.n = 1
		}
		all = append(all, c)
		i += size
	}
	return all
}

// orderMarks sorts each run of marks by class, keeping equals as they are.
func orderMarks(all []change) {
	for i := 0; i < len(all); i++ {
		if all[i].ccc == 0 {
			continue
		}
		j := i + 1
		for j < len(all) && all[j].ccc != 0 {
			j++
		}
		if j-i > 1 {
			slices.SortStableFunc(all[i:j], func(a, b change) int { return int(a.ccc) - int(b.ccc) })
		}
		i = j
	}
}

// compose joins characters in place: each with the last starter before it
// unless a character between them blocks it. The Unicode Standard, D117.
func compose(all []change) []change {
	out := all[:0]
	starter, last := -1, 0 // last: class of the last character after the starter, 0 if there is none
	for _, c := range all {
		if starter >= 0 && (last == 0 || last < int(c.ccc)) {
			if r, ok := composed(out[starter].r, c.r); ok {
				out[starter].r = r
				out[starter].n += c.n - 1
				continue
			}
		}
		if c.ccc == 0 {
			starter, last = len(out), 0
		} else if starter >= 0 {
			last = int(c.ccc)
		}
		out = append(out, c)
	}
	return out
}

// The Unicode Standard, section 3.12.
const (
	hangulBase  = 0xac00
	hangulCount = 11172
	hangulL     = 0x1100
	hangulV     = 0x1161
	hangulT     = 0x11a7
)

func appendHangul(all []change, s rune) []change {
	all = append(all, change{r: hangulL + s/588}, change{r: hangulV + s%588/28, n: 1})
	if t := s % 28; t != 0 {
		all = append(all, change{r: hangulT + t, n: 1})
	}
	return all
}

// composed returns the primary composite of two characters.
func composed(a, b rune) (rune, bool) {
	switch {
	case hangulL <= a && a < hangulL+19 && hangulV <= b && b < hangulV+21:
		return hangulBase + ((a-hangulL)*21+(b-hangulV))*28, true
	case hangulBase <= a && a < hangulBase+hangulCount && (a-hangulBase)%28 == 0 && hangulT < b && b < hangulT+28:
		return a + (b - hangulT), true
	case b < 0x300:
		return 0, false
	}
	r, ok := composites()[[2]rune{a, b}]
	return r, ok
}

// composites returns the primary composites other than Hangul.
var composites = sync.OnceValue(func() map[[2]rune]rune {
	m := map[[2]rune]rune{}
	for r := rune(0xc0); r < 0x20000; r++ {
		s := string(r)
		d := []rune(string(norm.NFD.PropertiesString(s).Decomposition()))
		if len(d) < 2 || newer(r) || norm.NFC.String(s) != s {
			continue
		}
		first := []rune(norm.NFC.String(string(d[:len(d)-1])))
		if len(first) == 1 {
			m[[2]rune{first[0], d[len(d)-1]}] = r
		}
	}
	return m
})

// newer reports whether Unicode 17 gives r a decomposition or a combining class
// that Unicode 9 does not.
func newer(r rune) bool {
	if r < 0x7fd {
		return false
	}
	return within(newerThan9, r)
}

// within reports whether r is in one of the ranges, which ascend.
func within(ranges [][2]rune, r rune) bool {
	_, found := slices.BinarySearchFunc(ranges, r, func(s [2]rune, r rune) int {
		switch {
		case s[1] < r:
			return -1
		case s[0] > r:
			return 1
		}
		return 0
	})
	return found
}

var newerThan9 = [][2]rune{
	{0x07FD, 0x07FD}, {0x0897, 0x089F}, {0x08CA, 0x08D3}, {0x09FE, 0x09FE}, {0x0C3C, 0x0C3C}, {0x0D3B, 0x0D3C},
	{0x0EBA, 0x0EBA}, {0x1715, 0x1715}, {0x1ABF, 0x1ADD}, {0x1AE0, 0x1AEB}, {0x1DF6, 0x1DFA}, {0x32FF, 0x32FF},
	{0xA7F1, 0xA7F4}, {0xA82C, 0xA82C}, {0xAB69, 0xAB69}, {0x105C9, 0x105C9}, {0x105E4, 0x105E4},
	{0x10781, 0x10785}, {0x10787, 0x107B0}, {0x107B2, 0x107BA}, {0x10D24, 0x10D27}, {0x10D69, 0x10D6D},
	{0x10EAB, 0x10EAC}, {0x10EFA, 0x10EFB}, {0x10EFD, 0x10EFF}, {0x10F46, 0x10F50}, {0x10F82, 0x10F85},
	{0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x11383, 0x11383}, {0x11385, 0x11385}, {0x1138E, 0x1138E},
	{0x11391, 0x11391}, {0x113C5, 0x113C5}, {0x113C7, 0x113C8}, {0x113CE, 0x113D0}, {0x1145E, 0x1145E},
	{0x11839, 0x1183A}, {0x11938, 0x11938}, {0x1193D, 0x1193E}, {0x11943, 0x11943}, {0x119E0, 0x119E0},
	{0x11A34, 0x11A34}, {0x11A47, 0x11A47}, {0x11A99, 0x11A99}, {0x11D42, 0x11D42}, {0x11D44, 0x11D45},
	{0x11D97, 0x11D97}, {0x11F41, 0x11F42}, {0x16121, 0x16128}, {0x1612F, 0x1612F}, {0x16D68, 0x16D6A},
	{0x16FF0, 0x16FF1}, {0x1CCD6, 0x1CCF9}, {0x1E030, 0x1E06D}, {0x1E08F, 0x1E08F}, {0x1E130, 0x1E136},
	{0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF}, {0x1E4EC, 0x1E4EF}, {0x1E5EE, 0x1E5EF}, {0x1E6E3, 0x1E6E3},
	{0x1E6E6, 0x1E6E6}, {0x1E6EE, 0x1E6EF}, {0x1E6F5, 0x1E6F5}, {0x1F16C, 0x1F16C}, {0x1FBF0, 0x1FBF9},
}
