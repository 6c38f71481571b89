package text

import (
	"strings"
	"unicode/utf8"
)

// wants reports whether a finding of that kind and score would be kept.
func (f *piiFinder) wants(kind PIIKind, score float64) bool {
	return f.kinds&kind != 0 && score >= f.min
}

const emailScore = .95

// email takes the address around the '@' at at.
func (f *piiFinder) email(at int) int {
	if !f.wants(PIIEmail, emailScore) {
		return at + 1
	}
	end := f.mailHost(at + 1)
	if end == 0 {
		return at + 1
	}
	s, start := f.s, at
	for start > 0 {
		r, n := rune(s[start-1]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeLastRuneInString(s[:start])
		}
		if !wordRune(r) && (n > 1 || !localByte(s[start-1])) || at-start+n > maxLocal {
			break
		}
		start -= n
	}
	f.work += end - start
	for start < at && classOf[s[start]]&(wordByte|highByte) == 0 {
		start++ // does not begin with a mark
	}
	if start = f.left(start); start >= at {
		return at + 1
	}
	f.add(start, end, PIIEmail, "", emailScore)
	return end
}

// mailHost returns the end of the host of an address that begins at i, or 0 if
// there is none: a domain of at least two labels in any script with spaces, whose
// last begins with a letter, or an IPv4 address in brackets.
func (f *piiFinder) mailHost(i int) (end int) {
	s := f.s
	if i < len(s) && s[i] == '[' {
		if stop := ipv4End(s, i+1); stop > 0 && stop < len(s) && s[stop] == ']' {
			return stop + 1
		}
		return 0
	}
	limit := min(len(s), i+maxDomain)
	for labels := 1; ; labels++ {
		start := i
		for i < limit {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == '_' || !wordRune(r) && (r != '-' || i == start) {
				break
			}
			i += n
		}
		stop := i
		for stop > start && s[stop-1] == '-' {
			stop--
		}
		if labels > 1 && stop-start >= 2 && classOf[s[start]]&(letterByte|highByte) != 0 {
			end = stop
		}
		f.work += i - start
		if stop == start || stop < i || i >= limit || s[i] != '.' {
			return end
		}
		i++
	}
}

const (
	urlScore         = .6
	credentialsScore = .95
	maxScheme        = 32
)

// colon takes the URL, IPv6 address, MAC address or assignment that has the ':' at
// i.
func (f *piiFinder) colon(i int) int {
	s := f.s
	if strings.HasPrefix(s[i:], "://") {
		start := i
		for start > 0 && i-start < maxScheme && schemeByte(s[start-1]) {
			start--
		}
		for start < i && classOf[s[start]] != letterByte {
			start++
		}
		if start < i {
			return f.url(start, i, i+1)
		}
	}
	if end := f.mac(i-2, ':'); end > 0 {
		return end
	}
	if end := f.ipv6(i); end > 0 {
		return end
	}
	return f.assignment(i)
}

func schemeByte(b byte) bool { return asciiAlnum(b) || b == '+' || b == '-' || b == '.' }

// url takes the URL whose scheme, or "www." and more, is [start, end). It returns
// next if there is none.
func (f *piiFinder) url(start, end, next int) int {
	if f.kinds&PIIURL == 0 {
		return next
	}
	stop := urlEnd(f.s, start, end)
	f.work += max(stop, end) - start
	if stop == 0 {
		return next
	}
	form, score := "", urlScore
	if credentials(f.s[end:stop]) {
		form, score = "credentials", credentialsScore
	}
	if !f.wants(PIIURL, score) {
		return next
	}
	if start = f.left(start); start >= stop {
		return stop
	}
	f.add(start, stop, PIIURL, form, score)
	return stop
}

// credentials reports whether a URL has a user with a password before its host:
// RFC 3986, section 3.2.1. tail begins with "://" or ".".
func credentials(tail string) bool {
	authority := strings.TrimPrefix(tail, "://")
	if i := strings.IndexAny(authority, "/?#"); i >= 0 {
		authority = authority[:i]
	}
	user, _, ok := strings.Cut(authority, "@")
	return ok && strings.IndexByte(user, ':') >= 0
}

// dot takes the URL that begins with "www", the key that begins with "SG" or the
// token that begins with "ya29", before the '.' at i.
func (f *piiFinder) dot(i int) int {
	s := f.s
	if i < 2 || i+1 == len(s) || !asciiAlnum(s[i+1]) && s[i+1] < utf8.RuneSelf {
		return i + 1
	}
	switch s[i-1] {
	case 'w', 'W':
		if i >= 3 && strings.EqualFold(s[i-3:i], "www") && beginsPlain(s, i-3) {
			return f.url(i-3, i+2, i+1) // urlEnd wants an end behind the dot
		}
	case 'G':
		if s[i-2] == 'S' {
			return f.sendgrid(i - 2)
		}
	case '9':
		if strings.HasSuffix(s[:i], "ya29") {
			return f.prefixed(i-4, i+1, "google", 20, 512)
		}
	}
	return i + 1
}

// mac takes a MAC address that begins at start and has mark between its pairs. It
// returns 0 if there is none.
func (f *piiFinder) mac(start int, mark byte) int {
	s, end := f.s, start+17
	if start < 0 || end > len(s) || s[start+5] != mark || s[start+8] != mark || !f.wants(PIIMAC, .9) {
		return 0
	}
	for i := range 17 {
		if i%3 == 2 && s[start+i] != mark || i%3 != 2 && !asciiHex(s[start+i]) {
			return 0
		}
	}
	f.work += 17
	if start > 0 && (asciiAlnum(s[start-1]) || s[start-1] == mark) ||
		end < len(s) && (asciiAlnum(s[end]) || s[end] == mark && end+1 < len(s) && asciiHex(s[end+1])) {
		return 0
	}
	if start < f.done && f.left(start) > start {
		return 0
	}
	f.add(start, end, PIIMAC, "", .9)
	return end
}

// ipv4 returns the IPv4 address that begins with the word [start, end).
func (f *piiFinder) ipv4(start, end int) (none Finding) {
	s := f.s
	if f.kinds&PIIIP == 0 || end == len(s) || s[end] != '.' || !asciiDigit(s[start]) {
		return none
	}
	stop := ipv4End(s, start)
	f.work += max(stop, end) - start
	if stop == 0 || !endsNumber(s, stop) {
		return none
	}
	x := Finding{Span{start, stop}, PIIIP, "ipv4", .7}
	switch f.before(start) & (nearNet | nearVersion) {
	case nearNet:
		x.Score = .95
	case nearVersion:
		return none
	}
	return x
}

// ipv4End returns the end of the four numbers under 256 that begin at i, or 0.
func ipv4End(s string, i int) int {
	for part := range 4 {
		if part > 0 {
			if i == len(s) || s[i] != '.' {
				return 0
			}
			i++
		}
		start, v := i, 0
		for i < len(s) && i-start < 3 && asciiDigit(s[i]) {
			v = 10*v + int(s[i]-'0')
			i++
		}
		if i == start || v > 255 || i-start > 1 && s[start] == '0' {
			return 0
		}
	}
	return i
}

const maxIPv6 = 45 // bytes, with an IPv4 address at the end

// ipv6 takes the IPv6 address whose first ':' is at i. It returns 0 if there is
// none.
func (f *piiFinder) ipv6(i int) int {
	s, start := f.s, i
	for start > 0 && i-start < 5 && asciiHex(s[start-1]) {
		start--
	}
	if i+1 == len(s) || s[i+1] != ':' && !asciiHex(s[i+1]) || i-start > 4 || !f.wants(PIIIP, .9) ||
		start > 0 && (asciiAlnum(s[start-1]) || s[start-1] == ':' || s[start-1] == '.' || s[start-1] == '_') {
		return 0
	}
	end := i
	for end < len(s) && end-start <= maxIPv6 && (asciiHex(s[end]) || s[end] == ':' || s[end] == '.') {
		end++
	}
	f.work += end - start
	for end > i && (s[end-1] == '.' || s[end-1] == ':' && s[end-2] != ':') {
		end-- // the mark of a sentence
	}
	if !isIPv6(s[start:end]) || !edge(s, end) {
		return 0
	}
	if start < f.done && f.left(start) > start {
		return 0
	}
	f.add(start, end, PIIIP, "ipv6", .9)
	return end
}

// isIPv6 reports whether s is an IPv6 address: RFC 4291, section 2.2. Of the short
// ones it wants a digit and four characters, which "a::b" lacks.
func isIPv6(s string) bool {
	groups, hexes, digits, gap := 0, 0, 0, false
	for i := 0; i < len(s); {
		start := i
		for i < len(s) && asciiHex(s[i]) {
			if asciiDigit(s[i]) {
				digits++
			}
			i++
		}
		n := i - start
		if n > 0 && i < len(s) && s[i] == '.' {
			return ipv4End(s, start) == len(s) && (groups == 6 || gap && groups < 6)
		}
		if n > 4 || n == 0 && i == len(s) && !strings.HasSuffix(s, "::") {
			return false
		}
		hexes += n
		if n > 0 {
			groups++
		}
		if i == len(s) {
			break
		}
		if strings.HasPrefix(s[i:], "::") {
			if gap {
				return false
			}
			gap = true
			i += 2
			continue
		}
		if n == 0 {
			return false
		}
		i++
	}
	return (groups == 8 && !gap || groups < 8 && gap) && digits > 0 && hexes >= 4
}
