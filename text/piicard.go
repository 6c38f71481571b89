package text

import "strings"

// issuers are ranges of the first digits of payment cards with the lengths of the
// numbers, as the schemes publish them; the first that fits counts.
var issuers = [...]struct {
	name     string
	low, top int // of the first four digits
	lengths  string
}{
	{"amex", 3400, 3499, "\x0f"}, {"amex", 3700, 3799, "\x0f"},
	{"diners", 3000, 3059, "\x0e\x10\x11\x12\x13"}, {"diners", 3095, 3095, "\x0e\x10\x11\x12\x13"},
	{"diners", 3600, 3699, "\x0e\x0f\x10\x11\x12\x13"}, {"diners", 3800, 3999, "\x0e\x10\x11\x12\x13"},
	{"jcb", 3528, 3589, "\x10\x11\x12\x13"},
	{"visa", 4000, 4999, "\x0d\x10\x13"},
	{"mastercard", 2221, 2720, "\x10"}, {"mastercard", 5100, 5599, "\x10"},
	{"mir", 2200, 2204, "\x10\x11\x12\x13"},
	{"discover", 6011, 6011, "\x10\x13"}, {"discover", 6440, 6599, "\x10\x13"},
	{"unionpay", 6200, 6299, "\x10\x11\x12\x13"}, {"unionpay", 8100, 8171, "\x10\x11\x12\x13"},
	{"rupay", 6000, 6099, "\x10"}, {"rupay", 8172, 8200, "\x10"},
	{"maestro", 5000, 5099, "\x0d\x0e\x0f\x10\x11\x12\x13"}, {"maestro", 5600, 6999, "\x0d\x0e\x0f\x10\x11\x12\x13"},
}

func issuerOf(first, length int) string {
	for _, x := range issuers {
		if x.low <= first && first <= x.top && strings.IndexByte(x.lengths, byte(length)) >= 0 {
			return x.name
		}
	}
	return ""
}

// card checks a payment card: ISO/IEC 7812.
func card(n piiNumber) bool {
	return issuerOf(n.value(0, 4), n.n) != "" && n.luhn() && !n.uniform()
}

// issuer returns the name of the issuer of the card that s writes.
func issuer(s string) string {
	first, length := 0, 0
	for i := range len(s) {
		if asciiDigit(s[i]) {
			if length++; length <= 4 {
				first = 10*first + int(s[i]-'0')
			}
		}
	}
	return issuerOf(first, length)
}

// ibanLengths has the length of an IBAN for each country of the registry of SWIFT.
const ibanLengths = `AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18
FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22
MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24
TR26UA29VA22VG24XK20YE30`

// ibanLength maps two capitals, as a number, to the length and the name.
var ibanLength = func() (t [26 * 26]struct {
	n    int
	name string
}) {
	list := strings.ReplaceAll(ibanLengths, "\n", "")
	for ; list != ""; list = list[4:] {
		x := &t[26*int(list[0]-'A')+int(list[1]-'A')]
		x.name, x.n = list[:2], 10*int(list[2]-'0')+int(list[3]-'0')
	}
	return t
}()

// iban returns the IBAN that begins with the word [start, end), in one piece or in
// groups of four.
func (f *piiFinder) iban(start, end int) (none Finding) {
	s := f.s
	if f.kinds&PIIIBAN == 0 || classOf[s[start]] != letterByte || classOf[s[start+1]] != letterByte ||
		!asciiDigit(s[start+2]) || !asciiDigit(s[start+3]) || !beginsPlain(s, start) {
		return none
	}
	country := ibanLength[26*int(asciiUpper(s[start])-'A')+int(asciiUpper(s[start+1])-'A')]
	if country.n == 0 || end-start != 4 && end-start != country.n {
		return none
	}
	grouped, head, rest, stop := end-start == 4, 0, 0, start
	for n := range country.n {
		if grouped && n > 0 && n%4 == 0 {
			if stop == len(s) || s[stop] != ' ' && s[stop] != '-' {
				return none
			}
			stop++
		}
		if stop == len(s) || !asciiAlnum(s[stop]) {
			return none
		}
		if n < 4 {
			head = ibanRemainder(head, s[stop])
		} else {
			rest = ibanRemainder(rest, s[stop])
		}
		stop++
	}
	f.work += stop - start
	// The first four move to the end: two letters and two digits, six digits.
	if (rest*1_000_000+head)%97 != 1 || !endsNumber(s, stop) {
		return none
	}
	x := Finding{Span{start, stop}, PIIIBAN, country.name, .95}
	if f.before(start)&nearBank != 0 {
		x.Score = .99
	}
	return x
}

// ibanRemainder appends a digit, or a letter as 10 to 35, to a number mod 97. ISO
// 13616 takes the whole modulo 97 after moving the head; the head is under a
// million, so its remainder is as good.
func ibanRemainder(r int, b byte) int {
	if asciiDigit(b) {
		return (10*r + int(b-'0')) % 97
	}
	return (100*r + int(asciiUpper(b)-'A') + 10) % 97
}
