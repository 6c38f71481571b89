package tokenize

// scanner matches one of the regular expressions that published tokenizers
// split words with. They are alike: a contraction, letters with perhaps a
// character before them, digits, other characters, spaces, in this order of
// preference. The fields say what differs.
type scanner struct {
	contraction contraction
	// lead: a character of none of these classes, and neither CR nor LF, may
	// stand before letters. Zero: only a blank may, if blank is set.
	lead class
	// blank: a blank may stand before letters and digits too.
	blank   bool
	letters class // what a run of letters is made of; with cased, see casedWord
	cased   bool
	digits  int // the most digits of a run; 0: digits do not match
	// A run of others is made of characters of none of the classes notOther or,
	// if that is zero, of symbols. tail says what may follow it.
	notOther class
	tail     string
	// asciiTag: punctuation and ASCII letters after it are one match.
	asciiTag bool
	// newlines: spaces are cut after their last line end.
	newlines bool
	// noSpaces: spaces do not match, nor do blanks before other characters.
	noSpaces bool
}

type contraction uint8

const (
	noContraction    contraction = iota
	leadContraction              // 's|'t|'re|'ve|'m|'ll|'d
	leadContractionI             // the same in any case
	tailContractionI             // in any case, at the end of letters
)

const (
	contractionsI = `(?i:'s|'t|'re|'ve|'m|'ll|'d)`
	contractions  = `'s|'t|'re|'ve|'m|'ll|'d`
	spaces        = `\s+(?!\S)|\s+`
	word200k      = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`
	upper200k     = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*`
)

var (
	gpt2 = &scanner{contraction: leadContraction, blank: true, letters: letter, digits: unbounded,
		notOther: space | letter | number}
	clip = &scanner{contraction: leadContraction, letters: letter, digits: 1,
		notOther: space | letter | number, noSpaces: true}
	deepSeek3 = &scanner{lead: letter | symbol, letters: letter | mark, tail: "\r\n", asciiTag: true, newlines: true}
)

// cl100k returns the scanner of GPT-4, Llama 3 and Qwen 2 with runs of at most
// so many digits.
func cl100k(digits int) *scanner {
	return &scanner{contraction: leadContractionI, lead: letter | number, letters: letter, digits: digits,
		notOther: space | letter | number, tail: "\r\n", newlines: true}
}

// o200k returns the scanner of GPT-4o.
func o200k(c contraction, digits int) *scanner {
	return &scanner{contraction: c, lead: letter | number, letters: upper | lower, cased: true, digits: digits,
		notOther: space | letter | number, tail: "\r\n/", newlines: true}
}

// qwen35 is cl100k with marks among the letters.
var qwen35 = &scanner{contraction: leadContractionI, lead: letter | number, letters: letter | mark, digits: 1,
	notOther: space | letter | mark | number, tail: "\r\n", newlines: true}

// Parts of the expressions below.
const (
	others100k  = `| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|` + spaces
	others200k  = `| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|` + spaces
	words100k   = contractionsI + `|[^\r\n\p{L}\p{N}]?\p{L}+`
	words200k   = word200k + `|` + upper200k
	words4o     = word200k + contractionsI + `?|` + upper200k + contractionsI + `?`
	digitsGPT2  = `| ?\p{N}+| ?[^\s\p{L}\p{N}]+|` + spaces
	tagDeepSeek = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
)

// scanners by expression.
var scanners = map[string]*scanner{
	contractions + `| ?\p{L}+` + digitsGPT2:             gpt2,
	`'(?:[sdmt]|ll|ve|re)| ?\p{L}+` + digitsGPT2:        gpt2,
	contractions + `|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`: clip,
	words100k + `|\p{N}{1,3}` + others100k:              cl100k(3),
	words100k + `|\p{N}` + others100k:                   cl100k(1),
	contractionsI + `|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|` + spaces: qwen35,

	words4o + `|\p{N}{1,3}` + others200k:   o200k(tailContractionI, 3),
	words200k + `|\p{N}{1,3}` + others200k: o200k(noContraction, 3),
	words200k + `|\p{N}` + others200k:      o200k(noContraction, 1),

	tagDeepSeek + `|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|` + spaces: deepSeek3,
}

func (s *scanner) find(t *classTable, b []byte, from int) (int, int) {
	for i := from; i < len(b); {
		if j := s.match(t, b, i); j > i {
			return i, j
		}
		_, n := decode(b[i:])
		i += n
	}
	return -1, -1
}

// look returns the class and the size of the character at i; 0, 0 at the end.
func (t *classTable) look(b []byte, i int) (class, int) {
	if i >= len(b) {
		return 0, 0
	}
	if c := b[i]; c < 0x80 {
		return t.ascii[c], 1
	}
	r, n := decode(b[i:])
	return t.of(r), n
}

// run returns the end of the characters from i on that are in one of the
// classes, at most so many.
func (t *classTable) run(b []byte, i int, in class, most int) int {
	for ; most > 0; most-- {
		c, n := t.look(b, i)
		if n == 0 || c&in == 0 {
			break
		}
		i += n
	}
	return i
}

// match returns the end of the match at i, or -1.
func (s *scanner) match(t *classTable, b []byte, i int) int {
	if b[i] == '\'' && (s.contraction == leadContraction || s.contraction == leadContractionI) {
		if j := s.shortened(b, i); j > i {
			return j
		}
	}
	if s.asciiTag {
		if j := asciiTag(t, b, i); j > i {
			return j
		}
	}
	if j := s.word(t, b, i); j > i {
		return j
	}
	after := i // where digits and others begin if a blank may stand before them
	if b[i] == ' ' && !s.noSpaces {
		after++
	}
	c, n := t.look(b, after)
	if c&number != 0 && s.digits > 0 && (after == i || s.blank) {
		return t.run(b, after, number, s.digits)
	}
	if n > 0 && s.isOther(c) {
		return s.others(t, b, after)
	}
	if s.noSpaces {
		return -1
	}
	return s.spaces(t, b, i)
}

func (s *scanner) isOther(c class) bool {
	if s.notOther == 0 {
		return c&symbol != 0
	}
	return c&s.notOther == 0
}

func (s *scanner) others(t *classTable, b []byte, i int) int {
	for {
		c, n := t.look(b, i)
		if n == 0 || !s.isOther(c) {
			break
		}
		i += n
	}
	for ; i < len(b); i++ {
		if c := b[i]; c != '\r' && c != '\n' && c != '/' || s.tail == "" || c == '/' && len(s.tail) < 3 {
			break
		}
	}
	return i
}

// spaces matches \s*[\r\n]+|\s+(?!\S)|\s+, without newlines the last two.
func (s *scanner) spaces(t *classTable, b []byte, i int) int {
	end, last, lineEnd := i, i, -1
	for end < len(b) {
		c, n := t.look(b, end)
		if c&space == 0 {
			break
		}
		last = end
		if b[end] == '\r' || b[end] == '\n' {
			lineEnd = end + 1
		}
		end += n
	}
	switch {
	case end == i:
		return -1
	case s.newlines && lineEnd > 0:
		return lineEnd
	case end < len(b) && last > i:
		return last // the last space goes with what follows it
	}
	return end
}

// word matches letters with what may stand before them.
func (s *scanner) word(t *classTable, b []byte, i int) int {
	c, n := t.look(b, i)
	first := i // where letters begin if the first character is not one of them
	if s.blank && b[i] == ' ' || s.lead != 0 && c&s.lead == 0 && b[i] != '\r' && b[i] != '\n' {
		first = i + n
	}
	if s.cased {
		return s.casedWord(t, b, first, i)
	}
	if j := t.run(b, first, s.letters, unbounded); j > first {
		return j
	}
	if j := t.run(b, i, s.letters, unbounded); first > i && j > i {
		return j
	}
	return -1
}

// casedWord matches U*L+|U+L* where U is upper and L is lower; characters
// without case are in both. Each of the two is tried from first on and then
// from i on, which differ if a mark stands at i.
func (s *scanner) casedWord(t *classTable, b []byte, first, i int) int {
	end, all := capitalized(t, b, first)
	if end < 0 && first > i {
		end, _ = capitalized(t, b, i)
	}
	if end < 0 && all > first {
		end = all
	}
	if end >= 0 && end < len(b) && b[end] == '\'' && s.contraction == tailContractionI {
		return max(end, s.shortened(b, end))
	}
	return end
}

// capitalized matches U*L+ and returns -1 if it does not match. It also returns
// the end of U*.
func capitalized(t *classTable, b []byte, i int) (end, all int) {
	both := -1 // the end of the last character of U* that is in L too
	j := i
	for {
		c, n := t.look(b, j)
		if n == 0 || c&upper == 0 {
			break
		}
		j += n
		if c&lower != 0 {
			both = j
		}
	}
	if end := t.run(b, j, lower, unbounded); end > j {
		return end, j
	}
	return both, j
}

// asciiTag matches ASCII punctuation with ASCII letters after it.
func asciiTag(t *classTable, b []byte, i int) int {
	if b[i] >= 0x80 || t.ascii[b[i]]&symbol == 0 {
		return -1
	}
	j := i + 1
	for j < len(b) && b[j] < 0x80 && t.ascii[b[j]]&letter != 0 {
		j++
	}
	if j == i+1 {
		return -1
	}
	return j
}

// shortened matches what follows the apostrophe at i: s, t, re, ve, m, ll or d.
// In any case the long s counts as an s.
func (s *scanner) shortened(b []byte, i int) int {
	anyCase := s.contraction != leadContraction
	rest := b[i+1:]
	fold := func(k int) byte {
		if k >= len(rest) {
			return 0
		}
		c := rest[k]
		if anyCase && 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	}
	switch c := fold(0); {
	case c == 's' || c == 't' || c == 'm' || c == 'd':
		return i + 2
	case (c == 'r' || c == 'v') && fold(1) == 'e', c == 'l' && fold(1) == 'l':
		return i + 3
	case anyCase && c == 0xc5 && fold(1) == 0xbf: // U+017F
		return i + 3
	}
	return -1
}
