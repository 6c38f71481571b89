package text

import "strings"

// The checks of national numbers. Each takes a number whose shape fits; letters are
// capitals. The sources are the authorities' own rules, which are public.

// ssn checks the parts of a Social Security number of the United States; it has no
// check digit. 078-05-1120 was printed in advertisements.
func ssn(n piiNumber) bool {
	area, serial := n.value(0, 3), n.value(5, 9)
	return area != 0 && area != 666 && area < 900 && n.value(3, 5) != 0 && serial != 0 &&
		n.value(0, 9) != 78051120 && n.value(0, 9) != 123456789 && !n.uniform()
}

// itin checks the parts of a taxpayer number of the United States.
func itin(n piiNumber) bool {
	group := n.value(3, 5)
	return n.b[0] == '9' && group >= 50 && group != 66 && group != 67 && group != 68 && group != 69 && group != 89 && group != 93
}

// nino checks the letters of a National Insurance number.
func nino(n piiNumber) bool {
	prefix := string(n.b[:2])
	switch prefix {
	case "BG", "GB", "NK", "KN", "TN", "NT", "ZZ":
		return false
	}
	return strings.IndexByte("DFIQUV", n.b[0]) < 0 && strings.IndexByte("DFIOQUV", n.b[1]) < 0 && n.b[8] <= 'D'
}

// nhs checks a number of the National Health Service of England, mod 11.
func nhs(n piiNumber) bool {
	check := 11 - n.weighted(10, 9, 8, 7, 6, 5, 4, 3, 2)%11
	return check%11 == n.digit(9) && check != 10 && !n.uniform()
}

// steuerID checks a German tax number: ISO 7064, mod 11, 10, and one digit of the
// first ten that stands there two or three times.
func steuerID(n piiNumber) bool {
	var count [10]int
	product := 10
	for i := range 10 {
		count[n.digit(i)]++
		sum := (n.digit(i) + product) % 10
		if sum == 0 {
			sum = 10
		}
		product = 2 * sum % 11
	}
	repeated := 0
	for _, c := range count {
		switch {
		case c > 3:
			return false
		case c > 1:
			repeated++
		}
	}
	return n.b[0] != '0' && repeated == 1 && (11-product)%10 == n.digit(10)
}

// nir checks a French social security number, mod 97; Corsica's 2A and
// 2B count as 19 and 18.
func nir(n piiNumber) bool {
	switch b := n.b[6]; {
	case n.b[5] == '2' && (b == 'A' || b == 'B'):
		n.b[5], n.b[6] = '1', '9'-(b-'A')
	case !asciiDigit(b):
		return false
	}
	month := n.value(3, 5)
	return (n.b[0] == '1' || n.b[0] == '2') && (month >= 1 && month <= 12 || month >= 20) &&
		97-n.mod97(0, 13) == n.value(13, 15)
}

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

// dni checks the letter of a Spanish identity card.
func dni(n piiNumber) bool { return n.b[8] == dniLetters[n.value(0, 8)%23] }

// nie checks the letter of a number that Spain gives to a foreigner.
func nie(n piiNumber) bool {
	first := strings.IndexByte("XYZ", n.b[0])
	return first >= 0 && n.b[8] == dniLetters[(first*10_000_000+n.value(1, 8))%23]
}

// codiceFiscale checks an Italian tax code: ministerial decree of 23 December 1976.
// Where digits belong a letter of LMNPQRSTUV may stand for one, to tell people apart.
func codiceFiscale(n piiNumber) bool {
	const odd = "\x01\x00\x05\x07\x09\x0d\x0f\x11\x13\x15\x02\x04\x12\x14\x0b\x03\x06\x08\x0c\x0e\x10\x0a\x16\x19\x18\x17"
	sum := 0
	for i := range 15 {
		b := n.b[i]
		switch i {
		case 6, 7, 9, 10, 12, 13, 14:
			if !asciiDigit(b) && strings.IndexByte("LMNPQRSTUV", b) < 0 {
				return false
			}
		}
		v := int(b - '0')
		if b >= 'A' {
			v = int(b - 'A')
		}
		if i%2 == 0 {
			v = int(odd[v])
		}
		sum += v
	}
	return strings.IndexByte("ABCDEHLMPRST", n.b[8]) >= 0 && int(n.b[15]-'A') == sum%26
}

// bsn checks a Dutch citizen service number: the eleven test.
func bsn(n piiNumber) bool {
	return n.weighted(9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0 && !n.uniform()
}

// pesel checks a Polish number: its date, whose month says the century, and digit.
func pesel(n piiNumber) bool {
	sum := n.weighted(1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
	return calendarDate(n.value(0, 2), n.value(2, 4)%20, n.value(4, 6)) && (10-sum%10)%10 == n.digit(10)
}

// personnummer checks a Swedish number, with or without the century: its date,
// whose day is 60 higher for a coordination number, and Luhn over ten digits.
func personnummer(n piiNumber) bool {
	if n.n == 12 {
		if century := n.value(0, 2); century < 18 || century > 20 {
			return false
		}
		copy(n.b[:], n.b[2:12])
		n.n = 10
	}
	day := n.value(4, 6)
	if day > 60 {
		day -= 60
	}
	return calendarDate(n.value(0, 2), n.value(2, 4), day) && n.luhn()
}

// hetu checks a Finnish number: its date, its century and its character mod 31.
func hetu(n piiNumber) bool {
	const marks = "0123456789ABCDEFHJKLMNPRSTUVWXY"
	at := n.n - 4 // of the three digits; a letter for the century may stand before
	if at == 7 && strings.IndexByte("ABCDEFUVWXY", n.b[6]) < 0 {
		return false
	}
	return calendarDate(n.value(4, 6), n.value(2, 4), n.value(0, 2)) && n.value(at, at+3) > 1 &&
		n.b[at+3] == marks[(n.value(0, 6)*1000+n.value(at, at+3))%31]
}

// ahv checks a Swiss social insurance number: 756 and the check digit of EAN-13.
func ahv(n piiNumber) bool {
	sum := n.weighted(1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3)
	return n.value(0, 3) == 756 && (10-sum%10)%10 == n.digit(12)
}

// cpf checks a number of a person in Brazil: two digits mod 11.
func cpf(n piiNumber) bool {
	return !n.uniform() && mod11(n.weighted(10, 9, 8, 7, 6, 5, 4, 3, 2)) == n.digit(9) &&
		mod11(n.weighted(11, 10, 9, 8, 7, 6, 5, 4, 3, 2)) == n.digit(10)
}

// cnpj checks a number of a firm in Brazil.
func cnpj(n piiNumber) bool {
	return !n.uniform() && mod11(n.weighted(5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) == n.digit(12) &&
		mod11(n.weighted(6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) == n.digit(13)
}

// mod11 is the check digit of a sum; 10 is written 0.
func mod11(sum int) int { return (11 - sum%11) % 11 % 10 }

// aadhaar checks an Indian number: J. Verhoeff, Error detecting decimal codes, 1969.
func aadhaar(n piiNumber) bool {
	if n.b[0] < '2' {
		return false
	}
	c := 0
	for i := range n.n {
		c = dihedral(c, verhoeff[i%8][n.digit(n.n-1-i)])
	}
	return c == 0
}

// dihedral multiplies in the group of the symmetries of a pentagon: 0 to 4 turn,
// 5 to 9 turn and mirror.
func dihedral(a, b int) int {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return (a+b)%5 + 5
	case b < 5:
		return (a-b)%5 + 5
	}
	return (a - b + 5) % 5
}

// verhoeff has the powers of Verhoeff's permutation.
var verhoeff = func() (p [8][10]int) {
	p[0] = [10]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	p[1] = [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	for i := 2; i < len(p); i++ {
		for d := range p[i] {
			p[i][d] = p[i-1][p[1][d]]
		}
	}
	return p
}()

// sin checks a Canadian social insurance number: Luhn; none begins with 0 or 8.
func sin(n piiNumber) bool { return n.b[0] != '0' && n.b[0] != '8' && n.luhn() && !n.uniform() }

// tfn checks an Australian tax file number, mod 11.
func tfn(n piiNumber) bool { return n.weighted(1, 4, 3, 7, 5, 8, 6, 9, 10)%11 == 0 && !n.uniform() }

// residentID checks a Chinese resident's number: its date and ISO 7064, mod 11-2.
func residentID(n piiNumber) bool {
	year := n.value(6, 10)
	sum := n.weighted(7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
	return n.b[0] != '0' && year >= 1900 && year < 2100 && calendarDate(year, n.value(10, 12), n.value(12, 14)) &&
		n.b[17] == "10X98765432"[sum%11]
}
