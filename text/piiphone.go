package text

import "strings"

// twoDigitCodes and threeDigitCodes are the country codes of ITU-T E.164; the
// latter by their first two digits. 1 and 7 are the codes of one digit.
const (
	twoDigitCodes = ` 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66
 81 82 84 86 90 91 92 93 94 95 98 `
	threeDigitCodes = " 21 22 23 24 25 26 29 35 37 38 42 50 59 67 68 69 80 85 87 88 96 97 99 "
)

// longNumbers has the most digits, code included, of countries whose numbers are of
// about one length, so that a number that follows is not taken for a part.
var longNumbers = map[string]int{
	"1": 11, "7": 11, "20": 12, "27": 11, "30": 12, "31": 11, "32": 11, "33": 11, "34": 11, "36": 11, "39": 13, "40": 11,
	"41": 11, "43": 13, "44": 12, "45": 10, "46": 12, "47": 10, "48": 11, "49": 14, "52": 12, "54": 13, "55": 13,
	"56": 11, "57": 12, "60": 12, "61": 11, "62": 14, "63": 12, "64": 12, "65": 10, "66": 11, "81": 12, "82": 12,
	"84": 12, "86": 13, "90": 12, "91": 12, "92": 12, "98": 12, "351": 12, "353": 12, "358": 13, "380": 12, "420": 12,
	"421": 12, "852": 11, "971": 12, "972": 12,
}

const (
	minPhone = 8  // digits with the code of the country
	maxPhone = 15 // E.164
)

// countryCode returns the length of the country code at the head of s, or 0.
func countryCode(s string) int {
	if len(s) < 3 || !asciiDigit(s[0]) {
		return 0
	}
	switch {
	case s[0] == '1' || s[0] == '7':
		return 1
	case !asciiDigit(s[1]):
		return 0
	case strings.Contains(twoDigitCodes, s[:2]):
		return 2
	case strings.Contains(threeDigitCodes, s[:2]) && asciiDigit(s[2]):
		return 3
	}
	return 0
}

// plus takes the telephone number that the '+' at i begins.
func (f *piiFinder) plus(i int) int {
	if f.kinds&PIIPhone == 0 || i > 0 && (asciiAlnum(f.s[i-1]) || f.s[i-1] == '+') {
		return i + 1
	}
	if end := f.abroad(i + 1); end > 0 && f.add(i, end, PIIPhone, "", f.phoneScore(i, .9)) {
		return end
	}
	return i + 1
}

// phoneScore returns the score of a number that begins at start, more with a word
// about telephones before it.
func (f *piiFinder) phoneScore(start int, score float64) float64 {
	if f.before(start)&nearPhone != 0 {
		return max(score, .95)
	}
	return score
}

// abroad returns the end of the international number whose country code is at i,
// or 0.
func (f *piiFinder) abroad(i int) int {
	code := countryCode(f.s[i:])
	if code == 0 {
		return 0
	}
	most, ok := longNumbers[f.s[i:i+code]]
	if !ok {
		most = maxPhone
	}
	g := f.groups(i, most)
	if g.digits < minPhone || f.s[i] == '1' && g.digits != most || !endsNumber(f.s, g.end) {
		return 0
	}
	return g.end
}

// digitGroups are the groups of digits of a telephone number.
type digitGroups struct {
	end, digits int
	count       int // groups
	short       int // groups of one digit
	pairs       int // groups of two, before any other
}

// groups reads groups of at most most digits in all, with one mark of " -./"
// between, or brackets around one group. A group that makes it too many is not
// read.
func (f *piiFinder) groups(i, most int) (g digitGroups) {
	s := f.s
	for start, at := i, i; ; {
		for at < len(s) && at-start <= most && asciiDigit(s[at]) {
			at++
		}
		n := at - start
		if n == 0 || g.digits+n > most {
			return g
		}
		g.end, g.digits = at, g.digits+n
		if n == 2 && g.pairs == g.count {
			g.pairs++
		}
		if n == 1 {
			g.short++
		}
		g.count++
		f.work += n + 2
		at = groupMark(s, at)
		if at == 0 {
			return g
		}
		start = at
	}
}

// groupMark returns the place behind the marks between two groups, or 0 if no digit
// follows them.
func groupMark(s string, i int) int {
	start := i
	if i < len(s) && s[i] == ')' {
		i++
	}
	if i < len(s) && strings.IndexByte(" -./", s[i]) >= 0 {
		i++
	}
	if strings.HasPrefix(s[i:], "(0)") { // the trunk prefix in "+44 (0)20"
		i += len("(0)")
		if i < len(s) && s[i] == ' ' {
			i++
		}
	} else if i < len(s) && s[i] == '(' {
		i++
	}
	if i == start || i == len(s) || !asciiDigit(s[i]) {
		return 0
	}
	return i
}

// trunk returns the telephone number that begins with the 0 at start: a national
// one, or an international one after 00.
func (f *piiFinder) trunk(start int) (none Finding) {
	if f.kinds&PIIPhone == 0 {
		return none
	}
	if strings.HasPrefix(f.s[start:], "00") {
		if end := f.abroad(start + 2); end > 0 {
			return Finding{Span{start, end}, PIIPhone, "", f.phoneScore(start, .7)}
		}
		return none
	}
	g := f.groups(start, 12)
	if g.digits < 9 || g.short > 0 || !endsNumber(f.s, g.end) || g.pairs > 1 && (g.pairs < g.count || g.count != 5) {
		return none // or "01.02.2024 10.30"
	}
	score := .65
	if g.count == 1 {
		score = 0
		if f.s[start+1] >= '6' && (g.digits == 10 || g.digits == 11) {
			score = .5 // a mobile number in much of Europe
		}
	}
	if start > 0 && f.s[start-1] == '(' && strings.IndexByte(f.s[start:g.end], ')') > 0 {
		start--
	}
	return Finding{Span{start, g.end}, PIIPhone, "", f.phoneScore(start, score)}
}
