package text

import "strings"

const secretScore = .95

// tokenByte reports whether b can be inside a key: letters, digits, _ and -.
func tokenByte(b byte) bool { return classOf[b]&wordByte != 0 || b == '-' }

// prefixed takes the key that begins at start, has its own part from body on and
// there at least least and at most most bytes of A-Z a-z 0-9 _ -. It returns body if
// there is none.
func (f *piiFinder) prefixed(start, body int, name string, least, most int) int {
	s, end := f.s, body
	if !f.wants(PIISecret, secretScore) || start > 0 && tokenByte(s[start-1]) {
		return body
	}
	for end < len(s) && end-body <= most && tokenByte(s[end]) {
		end++
	}
	f.work += end - start
	for end > body && s[end-1] == '-' {
		end--
	}
	if n := end - body; n < least || n > most {
		return body
	}
	if start = f.left(start); start < end {
		f.add(start, end, PIISecret, name, secretScore)
	}
	return end
}

// underscore takes the key whose prefix has the '_' at i.
func (f *piiFinder) underscore(i int) int {
	s := f.s
	from := max(0, i-6)
	head := s[from:i]
	at := func(n int) int { return i - n }
	switch {
	case i < 2:
	case len(head) >= 3 && head[len(head)-3:len(head)-1] == "gh" && strings.IndexByte("pousr", head[len(head)-1]) >= 0:
		return f.prefixed(at(3), i+1, "github", 36, 255)
	case strings.HasSuffix(head, "github") && strings.HasPrefix(s[i+1:], "pat_"):
		return f.prefixed(at(6), i+5, "github", 40, 255)
	case (strings.HasSuffix(head, "sk") || strings.HasSuffix(head, "rk")) &&
		(strings.HasPrefix(s[i+1:], "live_") || strings.HasPrefix(s[i+1:], "test_")):
		return f.prefixed(at(2), i+6, "stripe", 16, 255)
	case strings.HasSuffix(head, "npm"):
		return f.prefixed(at(3), i+1, "npm", 36, 64)
	case strings.HasSuffix(head, "hf"):
		return f.prefixed(at(2), i+1, "huggingface", 30, 64)
	}
	return i + 1
}

// hyphen takes the private key, prefixed key or MAC address that has the '-' at i.
func (f *piiFinder) hyphen(i int) int {
	s := f.s
	switch {
	case i+1 < len(s) && s[i+1] == '-':
		if strings.HasPrefix(s[i:], pemBegin) {
			return f.pem(i)
		}
		return i + 1
	case i < 2:
		return i + 1
	case i+9 < len(s) && s[i+3] == '-' && s[i+9] == '-':
		if end := f.mac(i-2, '-'); end > 0 {
			return end
		}
	}
	head := s[max(0, i-5):i]
	switch head[len(head)-1] {
	case 't':
		if head == "glpat" {
			return f.prefixed(i-5, i+1, "gitlab", 20, 64)
		}
	case 'i':
		if strings.HasSuffix(head, "pypi") {
			return f.prefixed(i-4, i+1, "pypi", 50, 512)
		}
	case 'k':
		if strings.HasSuffix(head, "sk") {
			return f.prefixed(i-2, i+1, "sk", 32, 255)
		}
	case 'a', 'b', 'p', 'r', 's':
		if len(head) >= 4 && head[len(head)-4:len(head)-1] == "xox" {
			return f.prefixed(i-4, i+1, "slack", 10, 255)
		}
	}
	return i + 1
}

// capital takes the key in whose prefix the letter at i stands out.
func (f *piiFinder) capital(i int) int {
	s := f.s
	switch {
	case i == 0 || i+2 >= len(s):
	case s[i-1] == 'A' && (s[i:i+3] == "KIA" || s[i:i+3] == "SIA"):
		return f.awsKey(i - 1)
	case s[i] == 'J' && i > 1 && s[i-2:i] == "ey":
		return f.jwt(i - 2)
	case s[i] == 'z' && i > 1 && s[i-2:i] == "AI" && s[i+1] == 'a':
		return max(i+1, f.prefixed(i-2, i+2, "google", 35, 35))
	}
	return i + 1
}

// awsKey takes the key id that begins with the "AKIA" or "ASIA" at start: 16 more of
// A-Z and 2-7.
func (f *piiFinder) awsKey(start int) int {
	s, end := f.s, start+20
	if end > len(s) || !f.wants(PIISecret, secretScore) || !beginsPlain(s, start) ||
		end < len(s) && classOf[s[end]]&wordByte != 0 {
		return start + 2
	}
	for i := start + 4; i < end; i++ {
		if b := s[i]; (b < 'A' || b > 'Z') && (b < '2' || b > '7') {
			return start + 2
		}
	}
	f.work += 20
	f.add(start, end, PIISecret, "aws", secretScore)
	return end
}

// jwt takes the JSON Web Token at start: RFC 7519, three parts of base64url with
// points between, of which the first two begin with an opening brace.
func (f *piiFinder) jwt(start int) int {
	s := f.s
	if !f.wants(PIISecret, secretScore) || start > 0 && tokenByte(s[start-1]) {
		return start + 3
	}
	at := start
	for part := range 3 {
		if part > 0 {
			if at == len(s) || s[at] != '.' {
				return start + 3
			}
			at++
		}
		from := at
		for at < len(s) && tokenByte(s[at]) {
			at++
		}
		f.work += at - from
		if at-from < 10 || part < 2 && !strings.HasPrefix(s[from:], "ey") {
			return start + 3
		}
	}
	f.add(start, at, PIISecret, "jwt", secretScore)
	return at
}

// sendgrid takes the key that begins with the "SG." at start: parts of 22 and 43.
func (f *piiFinder) sendgrid(start int) int {
	s, end := f.s, start+69
	if end > len(s) || !f.wants(PIISecret, secretScore) || start > 0 && tokenByte(s[start-1]) ||
		end < len(s) && tokenByte(s[end]) || s[start+25] != '.' {
		return start + 3
	}
	for i := start + 3; i < end; i++ {
		if i != start+25 && !tokenByte(s[i]) {
			return start + 3
		}
	}
	f.work += 69
	f.add(start, end, PIISecret, "sendgrid", secretScore)
	return end
}

const (
	pemBegin = "-----BEGIN "
	pemEnd   = "-----END "
	pemTitle = 64 // bytes of a title at most
)

// pem takes the private key at start: RFC 7468, to the end of its block, or of its
// lines of base64 if the block has none.
func (f *piiFinder) pem(start int) int {
	s := f.s
	title, tail, ok := strings.Cut(s[start+len(pemBegin):min(len(s), start+len(pemBegin)+pemTitle)], "-----")
	if !ok || !strings.HasSuffix(title, "PRIVATE KEY") || !f.wants(PIISecret, secretScore) {
		return start + len(pemBegin)
	}
	head := min(len(s), start+len(pemBegin)+pemTitle) - len(tail)
	end := f.pemClose(head)
	if end < 0 {
		end = base64Lines(s, head)
	}
	f.work += end - start
	f.add(start, end, PIISecret, "pem", secretScore)
	return end
}

// pemClose returns the end of the first closing line behind i, or -1. It remembers
// the place, so that many openings do not search the body many times.
func (f *piiFinder) pemClose(i int) int {
	if !f.pemSeen || f.pemEnd >= 0 && f.pemEnd < i {
		f.pemSeen, f.pemEnd = true, strings.Index(f.s[i:], pemEnd)
		f.work += max(f.pemEnd, 0)
		if f.pemEnd < 0 {
			f.work += len(f.s) - i
		} else {
			f.pemEnd += i
		}
	}
	if f.pemEnd < 0 {
		return -1
	}
	from := f.pemEnd + len(pemEnd)
	to := min(len(f.s), from+pemTitle)
	if n := strings.Index(f.s[from:to], "-----"); n >= 0 {
		return from + n + 5
	}
	return from
}

// base64Lines returns the end of the lines from i on that are base64 without
// spaces, the rest of the line at i included.
func base64Lines(s string, i int) int {
	end := i
	for i < len(s) && (asciiAlnum(s[i]) || strings.IndexByte("+/=\r\n", s[i]) >= 0) {
		i++
		if s[i-1] == '\n' || i == len(s) {
			end = i
		}
	}
	for end > 0 && (s[end-1] == '\n' || s[end-1] == '\r') {
		end--
	}
	return end
}

const (
	assignedScore = .6
	maxName       = 24 // bytes before a ':' or '=' that are read
	minAssigned   = 8
	maxAssigned   = 256
)

// secretNames end the names of variables and fields that hold secrets.
var secretNames = [...]string{
	"password", "passwd", "passwort", "pwd", "passphrase", "secret", "token", "api_key", "api-key", "apikey", "access_key",
	"private_key", "secret_key", "secretkey",
}

// assignment takes the value behind the ':' or '=' at i if the name before it is
// that of a secret and the value has letters and digits.
func (f *piiFinder) assignment(i int) int {
	s := f.s
	if !f.wants(PIISecret, assignedScore) || !f.secretName(i) {
		return i + 1
	}
	start := i + 1
	for start < len(s) && start <= i+3 && strings.IndexByte(" \"'=>", s[start]) >= 0 {
		start++
	}
	end, seen := start, uint8(0)
	for end < len(s) && end-start <= maxAssigned && s[end] > ' ' && s[end] < 0x7f &&
		strings.IndexByte("\"'`,;)]}<>&", s[end]) < 0 {
		seen |= classOf[s[end]]
		end++
	}
	f.work += end - i
	for end > start && s[end-1] == '.' {
		end--
	}
	if n := end - start; n < minAssigned || n > maxAssigned || seen&digitByte == 0 || seen&letterByte == 0 {
		return i + 1
	}
	f.add(start, end, PIISecret, "assigned", assignedScore)
	return end
}

// secretName reports whether the name that ends before i, or before a quote or space
// there, is that of a secret.
func (f *piiFinder) secretName(i int) bool {
	for skip := 0; skip < 2 && i > 0 && strings.IndexByte(" \"'", f.s[i-1]) >= 0; skip++ {
		i--
	}
	var name [maxName]byte
	n := 0
	for n < maxName && i > 0 && tokenByte(f.s[i-1]) {
		i--
		n++
		b := f.s[i]
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		name[maxName-n] = b
	}
	f.work += n
	if n < 3 {
		return false
	}
	for _, known := range secretNames {
		if len(known) <= n && string(name[maxName-len(known):]) == known {
			return true
		}
	}
	return false
}
