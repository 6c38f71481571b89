package text

// months are names of months in English and a few other languages, by their
// number, with the three letters that English cuts them to.
var months = func() map[string]int {
	m := map[string]int{}
	for i, names := range [12][]string{
		{"january", "jan", "januar", "janvier", "enero", "gennaio", "janeiro", "januari"},
		{"february", "feb", "februar", "février", "febrero", "febbraio", "fevereiro", "februari"},
		{"march", "mar", "märz", "mars", "marzo", "março", "maart"},
		{"april", "apr", "avril", "abril", "aprile"},
		{"may", "mai", "mayo", "maggio", "maio", "mei"},
		{"june", "jun", "juni", "juin", "junio", "giugno", "junho"},
		{"july", "jul", "juli", "juillet", "julio", "luglio", "julho"},
		{"august", "aug", "août", "agosto", "augustus"},
		{"september", "sep", "sept", "septembre", "septiembre", "settembre", "setembro"},
		{"october", "oct", "oktober", "octobre", "octubre", "ottobre", "outubro"},
		{"november", "nov", "novembre", "noviembre", "novembro"},
		{"december", "dec", "dezember", "décembre", "diciembre", "dicembre", "dezembro"},
	} {
		for _, name := range names {
			m[name] = i + 1
		}
	}
	return m
}()

const birthScore = .85

// birthDate returns the date with the word [start, end) as its first number, if a
// word before it speaks of birth.
func (f *piiFinder) birthDate(start, end int) (none Finding) {
	if !f.wants(PIIBirthDate, birthScore) {
		return none
	}
	from, stop := start, f.numericDate(start, end)
	if stop == 0 {
		stop = f.dayMonthYear(start, end)
	}
	if stop == 0 {
		from, stop = f.monthDayYear(start, end)
	}
	if stop == 0 || !endsNumber(f.s, stop) || f.before(from)&nearBirth == 0 {
		return none
	}
	return Finding{Span{from, stop}, PIIBirthDate, "", birthScore}
}

// digitsAt reads at most four digits.
func (f *piiFinder) digitsAt(i int) (v, end int) {
	for end = i; end < len(f.s) && end-i < 4 && asciiDigit(f.s[end]); end++ {
		v = 10*v + int(f.s[end]-'0')
	}
	return v, end
}

// numericDate returns the end of a date in digits: "1985-03-12", "12.3.1985",
// "3/12/85". The mark is the same twice.
func (f *piiFinder) numericDate(start, end int) int {
	a, at := f.digitsAt(start)
	if at != end || end == len(f.s) {
		return 0
	}
	mark := f.s[end]
	if mark != '-' && mark != '.' && mark != '/' {
		return 0
	}
	b, at := f.digitsAt(end + 1)
	if at-end-1 < 1 || at-end-1 > 2 || at == len(f.s) || f.s[at] != mark {
		return 0
	}
	last := at + 1
	c, at := f.digitsAt(last)
	f.work += at - start
	switch n := end - start; {
	case n == 4 && at-last >= 1 && at-last <= 2 && plausibleYear(a) && calendarDate(a, b, c):
		return at
	case n > 2 || at-last != 2 && (at-last != 4 || !plausibleYear(c)):
		return 0
	case calendarDate(c, b, a) || calendarDate(c, a, b):
		return at
	}
	return 0
}

func plausibleYear(y int) bool { return y >= 1880 && y < 2100 }

// dayMonthYear returns the end of a date such as "12 March 1985", "12th of Mar.,
// 1985" or "12. März 1985".
func (f *piiFinder) dayMonthYear(start, end int) int {
	day, at := f.ordinal(start, end)
	if at == 0 {
		return 0
	}
	at = f.skipMarks(at)
	month, at := f.month(at)
	if month == 0 { // "12th of March", "12 de marzo"
		month, at = f.month(f.skipMarks(at))
	}
	at = f.skipMarks(at)
	if month != 0 && f.link(at) {
		at += 3
	}
	year, stop := f.digitsAt(at)
	if month == 0 || stop-at != 4 || !plausibleYear(year) || !calendarDate(year, month, day) {
		return 0
	}
	return stop
}

// link reports whether "de " is at i, as between a month and a year in Spanish.
func (f *piiFinder) link(i int) bool { return i+3 <= len(f.s) && f.s[i:i+3] == "de " }

// monthDayYear returns the span of a date such as "March 12, 1985" whose day is the
// word [start, end).
func (f *piiFinder) monthDayYear(start, end int) (from, stop int) {
	day, at := f.ordinal(start, end)
	if at == 0 || start < 2 || f.s[start-1] != ' ' {
		return 0, 0
	}
	from = start - 1
	if f.s[from-1] == '.' {
		from--
	}
	for from > f.done && start-from <= maxMonth && classOf[f.s[from-1]]&(letterByte|highByte) != 0 {
		from--
	}
	month, _ := f.month(from)
	at = f.skipMarks(at)
	year, stop := f.digitsAt(at)
	if month == 0 || stop-at != 4 || !plausibleYear(year) || !calendarDate(year, month, day) {
		return 0, 0
	}
	return from, stop
}

// ordinal reads a day: "3", "3rd". It returns 0 for the end if the word is none.
func (f *piiFinder) ordinal(start, end int) (day, at int) {
	day, at = f.digitsAt(start)
	if n := at - start; n < 1 || n > 2 || day < 1 || day > 31 {
		return 0, 0
	}
	switch f.s[at:end] {
	case "", "st", "nd", "rd", "th", "er":
		return day, end
	}
	return 0, 0
}

// skipMarks skips at most three points, commas and spaces.
func (f *piiFinder) skipMarks(i int) int {
	for n := 0; n < 3 && i < len(f.s) && (f.s[i] == ' ' || f.s[i] == ',' || f.s[i] == '.'); n++ {
		i++
	}
	return i
}

const maxMonth = 12 // bytes of the name of a month

// month reads a word and returns its month, or 0, and the place behind the word.
func (f *piiFinder) month(i int) (month, end int) {
	var word [maxMonth]byte
	n := 0
	for end = i; end < len(f.s) && n < maxMonth && classOf[f.s[end]]&(letterByte|highByte) != 0; end++ {
		b := f.s[end]
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		word[n] = b
		n++
	}
	if n < 3 {
		return 0, end
	}
	f.work += n
	return months[string(word[:n])], end
}
