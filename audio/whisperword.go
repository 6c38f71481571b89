package audio

import (
	"context"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addWords finds, if wanted, when the words of the segments of a window are said: where, in the
// attention of the decoder over the sound, the path that follows the tokens runs.
func (w *whisper) addWords(
	ctx context.Context, t *take, at int, win window, spans []span, segments []TranscriptSegment, language string,
) error {
	if !w.words {
		return nil
	}
	var text []int32
	for _, s := range spans {
		text = append(text, w.c.textOf(win.tokens[s.from:s.to])...)
	}
	prompt, _ := w.c.prompt(nil, language, w.opt.Translate)
	if len(text) == 0 || len(prompt)+len(text)+2 > w.c.context {
		return nil
	}
	out, err := w.g.begin(ctx, win.sound, slices.Concat(prompt, []int32{w.c.noTimes}, text, []int32{w.c.end}))
	if err != nil {
		return err
	}
	step := w.c.samples / w.c.positions
	units := max((win.samples+step-1)/step, 1)
	m, err := w.attention(out.cross, len(prompt), len(text)+1, min(units, w.c.positions))
	if err != nil {
		return err
	}
	begins := pathStarts(m) // of each token, and of the end
	first := 0
	for i, s := range spans {
		tokens := w.c.textOf(win.tokens[s.from:s.to])
		n := first
		for _, word := range w.c.split(tokens, language) {
			probabilities := 0.0
			for k := range word.tokens {
				row := out.logits[len(prompt)+n+k]
				probabilities += w.c.textProbability(row, text[n+k])
			}
			segments[i].Words = append(segments[i].Words, TranscriptWord{
				Start: t.start(at + begins[n]*step), End: t.end(at + begins[n+word.tokens]*step),
				Text: word.text, Score: probabilities / float64(word.tokens),
			})
			n += word.tokens
		}
		first += len(tokens)
		orderWords(&segments[i])
	}
	return nil
}

// orderWords keeps the words of a segment in it and in order.
func orderWords(s *TranscriptSegment) {
	at := s.Start
	for i := range s.Words {
		w := &s.Words[i]
		w.Start = min(max(w.Start, at), max(s.End, at))
		w.End = min(max(w.End, w.Start), max(s.End, w.Start))
		at = w.End
	}
}

// textProbability is the probability of a token among those of text.
func (c *whisperConfig) textProbability(logits []float32, id int32) float64 {
	text := make([]float32, 0, len(logits))
	for i, v := range logits {
		if c.text[i] && v == v {
			text = append(text, v)
		}
	}
	p := math.Exp(float64(logits[id]) - logSumExp(text))
	if p != p {
		return 0
	}
	return min(p, 1)
}

// wordUnit is a word and the number of its tokens.
type wordUnit struct {
	text   string
	tokens int
}

// unspaced are languages written without blanks: each character is a word there.
var unspaced = []string{"zh", "ja", "th", "lo", "my", "yue"}

// split cuts tokens into words: at blanks, or at characters, but never within a
// character. Punctuation stays with the word that it touches.
func (c *whisperConfig) split(tokens []int32, language string) (words []wordUnit) {
	characters := slices.Contains(unspaced, language)
	opening := false // the last word is only what opens the next
	for len(tokens) > 0 {
		n, text := c.whole(tokens)
		tokens = tokens[n:]
		starts := characters || strings.HasPrefix(text, " ") || len(words) == 0
		if closes := isMarks(text, false); opening || closes && !strings.HasPrefix(text, " ") {
			starts = len(words) == 0
		}
		if starts {
			words = append(words, wordUnit{})
		}
		w := &words[len(words)-1]
		w.text, w.tokens = w.text+text, w.tokens+n
		opening = isMarks(w.text, true)
	}
	for i := range words {
		words[i].text = strings.TrimSpace(words[i].text)
	}
	return words
}

// whole returns the fewest tokens at the begin that end with a whole character, and their
// text.
func (c *whisperConfig) whole(tokens []int32) (n int, text string) {
	const most = 8 // parts of a character: what is longer is broken
	for n = 1; ; n++ {
		text = c.tk.Decode(tokens[:n], false)
		if last, _ := utf8.DecodeLastRuneInString(text); last != utf8.RuneError || n == min(len(tokens), most) {
			return n, text
		}
	}
}

// isMarks reports whether a text is punctuation only, of the kind that opens or not.
func isMarks(s string, opens bool) bool {
	s = strings.TrimSpace(s)
	for _, r := range s {
		open := unicode.In(r, unicode.Ps, unicode.Pi) || r == '¿' || r == '¡' || r == '"' || r == '\''
		if !unicode.IsPunct(r) || opens && !open || !opens && open && r != '"' && r != '\'' {
			return false
		}
	}
	return s != ""
}
