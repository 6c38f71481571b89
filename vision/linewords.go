package vision

import "strings"

// wordSpan is a word of a line and the part of the line that it covers, 0 the begin
// and 1 the end.
type wordSpan struct {
	text       string
	score      float64
	characters int // classes of the model, not bytes
	from, to   float64
}

// wordsOf splits characters at what is a space. A column of the model's output is the
// given part of the line.
//
// The model sees a character in a column near its middle, not its edges. A word
// therefore begins half a character before the middle of its first, where a character
// is as wide as those of the word are apart, or of the line if the word has one only.
// Neighbours meet halfway at most.
func wordsOf(chars []ctcChar, column float64) []wordSpan {
	middle := func(c ctcChar) float64 { return float64(c.first+c.end) / 2 * column }
	words := splitChars(chars)
	width, gaps := 0.0, 0
	for _, w := range words {
		width += middle(w[len(w)-1]) - middle(w[0])
		gaps += len(w) - 1
	}
	width /= float64(max(gaps, 1))
	out := make([]wordSpan, len(words))
	for i, w := range words {
		var text strings.Builder
		sum := 0.0
		for _, c := range w {
			text.WriteString(c.text)
			sum += float64(c.p)
		}
		first, last := middle(w[0]), middle(w[len(w)-1])
		half := max(width, column) / 2
		if len(w) > 1 {
			half = max((last-first)/float64(len(w)-1), column) / 2
		}
		s := wordSpan{text.String(), sum / float64(len(w)), len(w), max(first-half, 0), min(last+half, 1)}
		if i > 0 {
			before := words[i-1]
			meet := (middle(before[len(before)-1]) + first) / 2
			s.from, out[i-1].to = max(s.from, meet), min(out[i-1].to, meet)
		}
		s.from = min(s.from, 1)
		s.to = max(s.to, s.from)
		out[i] = s
	}
	return out
}

// splitChars returns the characters between spaces.
func splitChars(chars []ctcChar) (words [][]ctcChar) {
	begin := 0
	for i := 0; i <= len(chars); i++ {
		if i < len(chars) && strings.TrimSpace(chars[i].text) != "" {
			continue
		}
		if begin < i {
			words = append(words, chars[begin:i])
		}
		begin = i + 1
	}
	return words
}
