package text

import "strings"

// piiForm is a kind of number with the ways in which it is written.
type piiForm struct {
	kind     PIIKind
	name     string
	patterns string // parted by commas; see piiShapes
	marks    string // what ~ stands for, the same mark throughout a number
	valid    func(piiNumber) bool

	bare  float64 // score without marks between the parts
	parts float64 // with some
	near  float64 // with a word of hints before, however it is written
	hints piiHint
}

// piiShape is one way to write a number.
type piiShape struct {
	pattern string
	form    *piiForm
	parts   bool
}

// shapeTable has shapes by the length of their first part.
type shapeTable [maxPIIPart + 1][]piiShape

// piiShapes are the shapes whose first part has a digit, leadShapes those whose
// first part has none. In a pattern d is a digit, L a capital, l a letter, c a letter
// or digit, ~ one of the form's marks and anything else itself.
var piiShapes, leadShapes = func() (numbers, leads shapeTable) {
	for i := range piiForms {
		form := &piiForms[i]
		for pattern := range strings.SplitSeq(form.patterns, ",") {
			marks := form.marks
			if !strings.Contains(pattern, "~") {
				marks = " " // once
			}
			for _, mark := range marks {
				p := strings.ReplaceAll(pattern, "~", string(mark))
				n := len(p)
				if at := strings.IndexFunc(p, notPart); at >= 0 {
					n = at
				}
				table := &numbers
				if !strings.ContainsAny(p[:n], "dc") {
					table = &leads
				}
				table[n] = append(table[n], piiShape{p, form, n < len(p)})
			}
		}
	}
	return numbers, leads
}()

const maxPIIPart = 19 // length of the longest first part, a card of 19 digits

func notPart(r rune) bool { return !strings.ContainsRune("dLlc", r) }

// shapes returns the best number of those in table that begins with the word
// [start, end).
func (f *piiFinder) shapes(table *shapeTable, start, end int) (best Finding) {
	if end-start > maxPIIPart {
		return best
	}
	for i := range table[end-start] {
		shape := &table[end-start][i]
		if f.kinds&shape.form.kind == 0 {
			continue
		}
		n, ok := f.match(shape.pattern, start)
		if !ok || !endsNumber(f.s, start+len(shape.pattern)) || !shape.form.valid(n) {
			continue
		}
		f.better(&best, f.shaped(shape, start))
	}
	return best
}

// leads returns the best number that begins with up to two words of letters before
// the word at start, each with one mark behind it.
func (f *piiFinder) leads(start int) (best Finding) {
	for range 2 {
		stop := start - 1
		if stop <= f.done || f.s[stop] != ' ' && f.s[stop] != '-' {
			break
		}
		for start = stop; start > f.done && stop-start <= maxLead && classOf[f.s[start-1]] == letterByte; {
			start--
		}
		f.work += stop - start
		if start == stop || stop-start > maxLead || !beginsPlain(f.s, start) {
			break
		}
		f.better(&best, f.shapes(&leadShapes, start, stop))
	}
	return best
}

const maxLead = 6 // letters of a first part that has no digit

// shaped makes the finding of a shape that matches at start.
func (f *piiFinder) shaped(shape *piiShape, start int) Finding {
	form, end := shape.form, start+len(shape.pattern)
	if strings.IndexByte(shape.pattern, ')') >= 0 {
		if start == 0 || f.s[start-1] != '(' {
			return Finding{}
		}
		start--
	}
	score := form.bare
	if shape.parts {
		score = form.parts
	}
	if score < form.near && f.before(start)&form.hints != 0 {
		score = form.near
	}
	x := Finding{Span{start, end}, form.kind, form.name, score}
	if x.Kind == PIICard {
		x.Form = issuer(f.s[start:end])
	}
	return x
}

// match compares the body at start with a pattern and returns what is no mark.
func (f *piiFinder) match(pattern string, start int) (n piiNumber, ok bool) {
	if len(f.s)-start < len(pattern) {
		return n, false
	}
	s := f.s[start : start+len(pattern)]
	for i := range len(pattern) {
		f.work++
		b := s[i]
		switch pattern[i] {
		case 'd':
			if !asciiDigit(b) {
				return n, false
			}
		case 'L':
			if b < 'A' || b > 'Z' {
				return n, false
			}
		case 'l':
			if classOf[b] != letterByte {
				return n, false
			}
		case 'c':
			if !asciiAlnum(b) {
				return n, false
			}
		default:
			if b != pattern[i] {
				return n, false
			}
			continue
		}
		n.b[n.n] = asciiUpper(b)
		n.n++
	}
	return n, true
}

// piiNumber is a number or code of at most 24 digits and capitals, without the
// marks between its parts. It is passed by value so that it stays on the stack.
type piiNumber struct {
	b [24]byte
	n int
}

// digit returns the digit at i, which must be one.
func (n *piiNumber) digit(i int) int { return int(n.b[i] - '0') }

// value returns the number that the digits [from, to) write.
func (n *piiNumber) value(from, to int) (v int) {
	for i := from; i < to; i++ {
		v = 10*v + n.digit(i)
	}
	return v
}

// mod97 returns that number modulo 97.
func (n *piiNumber) mod97(from, to int) (r int) {
	for i := from; i < to; i++ {
		r = (10*r + n.digit(i)) % 97
	}
	return r
}

// uniform reports whether all digits are the same.
func (n *piiNumber) uniform() bool {
	for i := 1; i < n.n; i++ {
		if n.b[i] != n.b[0] {
			return false
		}
	}
	return true
}

// weighted returns the sum of the first digits times the weights.
func (n *piiNumber) weighted(weights ...int) (sum int) {
	for i, w := range weights {
		sum += w * n.digit(i)
	}
	return sum
}

// luhn reports whether the last digit checks the others: ISO/IEC 7812-1, annex B.
func (n *piiNumber) luhn() bool {
	sum := 0
	for i := n.n - 1; i >= 0; i -= 2 {
		sum += n.digit(i)
		if i > 0 {
			d := 2 * n.digit(i-1)
			sum += d/10 + d%10
		}
	}
	return sum%10 == 0
}

// calendarDate reports whether a year, a month and a day may be one; the year may have
// two digits.
func calendarDate(year, month, day int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	days := [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && (year%4 != 0 || year > 99 && year%100 == 0 && year%400 != 0) {
		days = 28
	}
	return day <= days
}
