package tokenize

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// patternReader parses an expression from the left.
type patternReader struct{ s string }

const maxCounted = 16 // sets in a sequence

func (rd *patternReader) sequence() (seq []counted, err error) {
	some := false
	for rd.s != "" && rd.s[0] != '|' {
		c := counted{min: 1, max: 1}
		if c.set, err = rd.atom(); err == nil {
			err = rd.count(&c)
		}
		if err != nil {
			return nil, err
		}
		seq = append(seq, c)
		some = some || c.min > 0
	}
	switch {
	case !some:
		return nil, fmt.Errorf("it can match nothing: %w", quintet.ErrModel)
	case len(seq) > maxCounted:
		return nil, fmt.Errorf("more than %d parts: %w", maxCounted, quintet.ErrModel)
	}
	for i := range seq {
		for k := i + 1; k < len(seq) && seq[i].min != seq[i].max; k++ {
			if overlap(&seq[i].set, &seq[k].set) {
				return nil, errPattern("neighbours that share characters")
			}
			if seq[k].min > 0 {
				break
			}
		}
	}
	return seq, nil
}

func errPattern(what string) error {
	return fmt.Errorf("%s: not a supported regular expression: %w", what, quintet.ErrModel)
}

func overlap(a, b *charSet) bool {
	t := classes()
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if a.has(t, r) && b.has(t, r) {
			return true
		}
	}
	return false
}

// atom reads one character, escape or set.
func (rd *patternReader) atom() (charSet, error) {
	switch c := rd.s[0]; {
	case c == '[':
		return rd.set()
	case c == '\\':
		return rd.escape()
	case strings.IndexByte(".^$()*+?{}]", c) >= 0:
		return charSet{}, errPattern(strconv.Quote(string(c)))
	}
	r, n := utf8.DecodeRuneInString(rd.s)
	rd.s = rd.s[n:]
	return charSet{ranges: [][2]rune{{r, r}}}, nil
}

var patternClass = map[string]class{
	"s": space, "d": digit, "w": onigWord,
	"p{L}": letter, "p{N}": number, "p{M}": mark, "p{P}": punct, "p{Nd}": digit,
}

func (rd *patternReader) escape() (charSet, error) {
	name := rd.s[1:]
	if name == "" {
		return charSet{}, errPattern(`\`)
	}
	size := 1
	if end := strings.IndexByte(name, '}'); (name[0] == 'p' || name[0] == 'P') && end > 0 {
		size = end + 1
	}
	name, rd.s = name[:size], name[size:]
	if c, ok := patternClass[name]; ok {
		return charSet{is: []class{c}}, nil
	}
	if c, ok := patternClass[strings.ToLower(name[:1])+name[1:]]; ok {
		return charSet{isNot: []class{c}}, nil
	}
	if i := strings.IndexByte("nrt", name[0]); i >= 0 && size == 1 {
		r := rune("\n\r\t"[i])
		return charSet{ranges: [][2]rune{{r, r}}}, nil
	}
	if c := name[0]; size > 1 || c >= utf8.RuneSelf || classes().ascii[c]&(letter|number) != 0 {
		return charSet{}, errPattern(strconv.Quote(`\` + name))
	}
	return charSet{ranges: [][2]rune{{rune(name[0]), rune(name[0])}}}, nil
}

// set reads what is in brackets.
func (rd *patternReader) set() (s charSet, err error) {
	rd.s = rd.s[1:]
	if strings.HasPrefix(rd.s, "^") {
		s.not, rd.s = true, rd.s[1:]
	}
	for rd.s != "" && rd.s[0] != ']' {
		one, err := rd.setItem()
		if err != nil {
			return s, err
		}
		if len(one.ranges) == 1 && len(rd.s) > 1 && rd.s[0] == '-' && rd.s[1] != ']' {
			rd.s = rd.s[1:]
			last, err := rd.setItem()
			if err != nil {
				return s, err
			}
			if len(last.ranges) != 1 || last.ranges[0][0] < one.ranges[0][0] {
				return s, errPattern("range")
			}
			one.ranges[0][1] = last.ranges[0][1]
		}
		s.is, s.isNot = append(s.is, one.is...), append(s.isNot, one.isNot...)
		s.ranges = append(s.ranges, one.ranges...)
	}
	if rd.s == "" || len(s.is)+len(s.isNot)+len(s.ranges) == 0 {
		return s, errPattern("set without end")
	}
	rd.s = rd.s[1:]
	return s, nil
}

func (rd *patternReader) setItem() (charSet, error) {
	switch {
	case rd.s[0] == '\\':
		return rd.escape()
	case rd.s[0] == '[' || strings.HasPrefix(rd.s, "&&"):
		return charSet{}, errPattern("set in a set")
	}
	r, n := utf8.DecodeRuneInString(rd.s)
	rd.s = rd.s[n:]
	return charSet{ranges: [][2]rune{{r, r}}}, nil
}

// unbounded is the count of + and *. No text is longer.
const unbounded = 1<<31 - 1

// count reads what follows an atom.
func (rd *patternReader) count(c *counted) error {
	if rd.s == "" {
		return nil
	}
	switch rd.s[0] {
	case '+':
		c.max = unbounded
	case '*':
		c.min, c.max = 0, unbounded
	case '?':
		c.min = 0
	case '{':
		return rd.braces(c)
	default:
		return nil
	}
	rd.s = rd.s[1:]
	return rd.plainCount()
}

// plainCount refuses lazy and possessive counts.
func (rd *patternReader) plainCount() error {
	if rd.s != "" && strings.IndexByte("+*?{", rd.s[0]) >= 0 {
		return errPattern("count of a count")
	}
	return nil
}

func (rd *patternReader) braces(c *counted) (err error) {
	inside, rest, ok := strings.Cut(rd.s[1:], "}")
	low, high, comma := strings.Cut(inside, ",")
	if c.min, err = strconv.Atoi(low); !ok || err != nil || c.min < 0 || c.min > 1000 {
		return errPattern("count")
	}
	switch {
	case !comma:
		c.max = c.min
	case high == "":
		c.max = unbounded
	default:
		c.max, err = strconv.Atoi(high)
		if err != nil || c.max < max(c.min, 1) || c.max > 1000 {
			return errPattern("count")
		}
	}
	rd.s = rest
	return rd.plainCount()
}
