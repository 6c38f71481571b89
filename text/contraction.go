package text

import "strings"

// clitics are the second words of contractions behind an apostrophe.
var clitics = [...]string{"s", "m", "d", "ll", "re", "ve"}

// contracted reports whether s is what stands behind the apostrophe of a contraction.
func contracted(s string) bool {
	for _, c := range clitics {
		if strings.EqualFold(s, c) {
			return true
		}
	}
	return false
}

// contractionAt returns where the second word of a contraction begins, or 0.
func contractionAt(s string) int {
	at := len(s)
	for at > 0 && len(s)-at < 3 && classOf[s[at-1]]&letterByte != 0 {
		at--
	}
	mark := apostropheBefore(s, at)
	switch {
	case mark < 0:
		return unmarked(s)
	case strings.EqualFold(s[at:], "t") && mark > 1 && (s[mark-1] == 'n' || s[mark-1] == 'N'):
		return mark - 1
	case mark > 0 && contracted(s[at:]) && classOf[s[mark-1]] != digitByte:
		return mark
	}
	return 0
}

// apostropheBefore returns the place of the apostrophe that ends at end, or -1.
func apostropheBefore(s string, end int) int {
	for _, mark := range [...]string{"'", "’"} {
		if strings.HasSuffix(s[:end], mark) {
			return end - len(mark)
		}
	}
	return -1
}

// runTogether are contractions that are written without their mark, by how many letters
// the first word has. Those that are words too, such as "its", are not here.
var runTogether = func() map[string]int {
	m := map[string]int{}
	for w := range strings.FieldsSeq(`can-not do-nt wo-nt ca-nt did-nt does-nt is-nt was-nt were-nt are-nt ai-nt would-nt
		could-nt should-nt have-nt has-nt had-nt must-nt i-ve you-ve they-ve you-re they-re that-s what-s there-s who-s
		he-s she-s it-ll you-ll they-ll that-ll gon-na wan-na got-ta i-m u-r let-s a-lot`) {
		first, second, _ := strings.Cut(w, "-")
		m[first+second] = len(first)
	}
	return m
}()

func unmarked(s string) int {
	var low [8]byte
	if len(s) > len(low) || !asciiLetters(s) {
		return 0
	}
	return runTogether[string(appendFolded(low[:0], s))]
}

func asciiLetters(s string) bool {
	for i := range len(s) {
		if classOf[s[i]] != letterByte {
			return false
		}
	}
	return true
}
