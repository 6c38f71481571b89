package text

// The jobs that a byte can start, as small numbers: no job is 0.
const (
	jobNumber  = iota + 1 // a digit: nearly everything that has digits
	jobPlus               // + before a telephone number
	jobAt                 // @ of an e-mail address
	jobColon              // : of a URL, an IPv6 or MAC address, an assignment
	jobDot                // . behind "www" or "SG"
	jobHyphen             // - of a MAC address, a prefixed key, a PEM block
	jobUnder              // _ of a prefixed key
	jobEquals             // = of an assignment
	jobCapital            // a letter inside a prefix that ends in nothing else
)

var piiStarters = func() (t [256]uint8) {
	for b := '0'; b <= '9'; b++ {
		t[b] = jobNumber
	}
	t['+'], t['@'], t[':'], t['.'], t['-'], t['_'], t['='] =
		jobPlus, jobAt, jobColon, jobDot, jobHyphen, jobUnder, jobEquals
	for _, b := range "KSJz" { // AKIA, ASIA, eyJ, AIza
		t[b] = jobCapital
	}
	return t
}()

// piiFinder looks for personal data in one body. Its methods take the place of the
// byte that set them off and return the place at which to go on.
type piiFinder struct {
	s       string
	kinds   PIIKind
	min     float64
	out     []Finding
	first   int     // the findings before are not ours
	done    int     // a word with digits is looked at once
	near    piiHint // the words before nearAt
	nearAt  int
	pemEnd  int // where the next PEM block ends, if pemSeen says that it is known
	pemSeen bool
	work    int // bytes looked at by the scanners; a test holds it against len(s)
}

// scan appends the findings of s to f.out.
func (f *piiFinder) scan() {
	f.first, f.nearAt = len(f.out), -1
	s := f.s
	for i := 0; ; {
		if i = nextStarter(s, i); i == len(s) {
			return
		}
		switch piiStarters[s[i]] {
		case jobNumber:
			i = f.number(i)
		case jobPlus:
			i = f.plus(i)
		case jobAt:
			i = f.email(i)
		case jobColon:
			i = f.colon(i)
		case jobDot:
			i = f.dot(i)
		case jobHyphen:
			i = f.hyphen(i)
		case jobUnder:
			i = f.underscore(i)
		case jobEquals:
			i = f.assignment(i)
		case jobCapital:
			i = f.capital(i)
		}
	}
}

// nextStarter returns the place at or behind i of a byte that starts a job, or
// len(s). Most bytes of prose start none, so it takes four at a time.
func nextStarter(s string, i int) int {
	for ; i+4 <= len(s); i += 4 {
		four := s[i : i+4]
		if piiStarters[four[0]]|piiStarters[four[1]]|piiStarters[four[2]]|piiStarters[four[3]] != 0 {
			break
		}
	}
	for i < len(s) && piiStarters[s[i]] == 0 {
		i++
	}
	return i
}

// add keeps a finding if it is asked for and good enough. It reports whether it did.
func (f *piiFinder) add(start, end int, kind PIIKind, form string, score float64) bool {
	return f.keep(Finding{Span{start, end}, kind, form, score})
}

func (f *piiFinder) keep(x Finding) bool {
	if f.kinds&x.Kind == 0 || x.Score < f.min {
		return false
	}
	if f.out == nil {
		f.out = make([]Finding, 0, 4) // rather than 1, 2, 4
	}
	f.out = append(f.out, x)
	f.done = x.End
	return true
}

// left returns start or, if a finding overlaps what begins there, the place
// behind it. A finding that begins at start or behind is dropped.
func (f *piiFinder) left(start int) int {
	for n := len(f.out); n > f.first && f.out[n-1].End > start; n-- {
		if f.out[n-1].Start < start {
			return f.out[n-1].End
		}
		f.out = f.out[:n-1]
	}
	return start
}

// number looks at the word of ASCII letters and digits that has the digit at i.
func (f *piiFinder) number(i int) int {
	s, start, end := f.s, i, i+1
	for start > f.done && asciiAlnum(s[start-1]) {
		start--
	}
	for end < len(s) && asciiAlnum(s[end]) {
		end++
	}
	f.work += end - start
	if end-start <= maxPIIWord {
		if best := f.best(start, end); best.End > 0 && f.keep(best) {
			return best.End
		}
	}
	f.done = end
	return end
}

// maxPIIWord is the length of the longest word that has a meaning for number: a
// bech32 address.
const maxPIIWord = 90

// best returns the best of what may begin with the word [start, end), or the zero
// Finding.
func (f *piiFinder) best(start, end int) (best Finding) {
	n := end - start
	if n >= 4 {
		f.better(&best, f.iban(start, end))
	}
	if n >= minWallet {
		f.better(&best, f.wallet(start, end))
	}
	if f.insideNumber(start) {
		return best
	}
	if n <= 3 {
		f.better(&best, f.ipv4(start, end))
	}
	f.better(&best, f.shapes(&piiShapes, start, end))
	f.better(&best, f.leads(start))
	if f.s[start] == '0' {
		f.better(&best, f.trunk(start))
	}
	if n <= 4 {
		f.better(&best, f.birthDate(start, end))
	}
	return best
}

// better replaces best if x is asked for and has a higher score, or the same and
// an earlier kind.
func (f *piiFinder) better(best *Finding, x Finding) {
	if x.Score < f.min || x.Kind&f.kinds == 0 {
		return
	}
	if x.Score > best.Score || x.Score == best.Score && x.Kind < best.Kind {
		*best = x
	}
}

// insideNumber reports whether what begins at start goes on with a number or is a
// sum of money: "3.14", "1-23", "$5".
func (f *piiFinder) insideNumber(start int) bool {
	if start == 0 {
		return false
	}
	switch f.s[start-1] {
	case '.', '-':
		return start > 1 && asciiDigit(f.s[start-2])
	case '$', '#':
		return true
	}
	return false
}

// endsNumber reports whether a number may end at end: no letter, digit or part of
// a longer number follows.
func endsNumber(s string, end int) bool {
	if end == len(s) {
		return true
	}
	switch b := s[end]; b {
	case '-', '.':
		return end+1 == len(s) || !asciiDigit(s[end+1])
	case '%', '_':
		return false
	default:
		return !asciiAlnum(b)
	}
}

func asciiDigit(b byte) bool { return b-'0' <= 9 }

func asciiAlnum(b byte) bool { return classOf[b]&(letterByte|digitByte) != 0 }

// asciiUpper returns an ASCII letter as a capital, other bytes as they are.
func asciiUpper(b byte) byte {
	if 'a' <= b && b <= 'z' {
		return b - ('a' - 'A')
	}
	return b
}

func asciiHex(b byte) bool { return asciiDigit(b) || 'A' <= asciiUpper(b) && asciiUpper(b) <= 'F' }

// beginsPlain reports whether a word that has ASCII letters and digits may begin at i.
func beginsPlain(s string, i int) bool { return i == 0 || classOf[s[i-1]]&wordByte == 0 }
