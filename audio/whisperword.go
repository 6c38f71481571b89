package audio

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// addWords finds when the words of the segments of a window are said: where, in the
// attention of the decoder over the sound, the path that follows the tokens runs.
func (w *whisper) addWords(
	ctx context.Context, t *take, at int, win window, spans []span, segments []TranscriptSegment, language string,
) error {
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

// attention returns how much tokens [from, from+n) attend to each of the first units of
// the sound: the mean of the heads that the files name, each over these units alone,
// made comparable between tokens, and smoothed.
func (w *whisper) attention(cross []optimize.Tensor, from, n, units int) ([][]float64, error) {
	sum := make([][]float64, n)
	for i := range sum {
		sum[i] = make([]float64, units)
	}
	for _, h := range w.c.alignment {
		x := cross[h[0]]
		data, err := optimize.Data[float32](x)
		if err != nil || x.Rank() != 4 || x.Dim(1) <= h[1] || x.Dim(2) < from+n || x.Dim(3) < units {
			return nil, fmt.Errorf("cross attention is %v for %d tokens and %d units: %w", x, from+n, units, quintet.ErrModel)
		}
		rows, width := x.Dim(2), x.Dim(3)
		head := make([][]float64, rows)
		for i := range head {
			at := (h[1]*rows + i) * width
			head[i] = shares(data[at : at+units])
		}
		standardize(head)
		for i := range sum {
			for k, v := range medians(head[from+i], w.c.median) {
				sum[i][k] += v / float64(len(w.c.alignment))
			}
		}
	}
	return sum, nil
}

// shares divides numbers by their sum.
func shares(x []float32) []float64 {
	out := make([]float64, len(x))
	var sum float64
	for _, v := range x {
		sum += float64(v)
	}
	for i, v := range x {
		if s := float64(v) / sum; s-s == 0 {
			out[i] = s
		}
	}
	return out
}

// standardize gives each column mean 0 and deviation 1, in place; a constant one is 0.
func standardize(m [][]float64) {
	for k := range m[0] {
		var sum, squares float64
		for _, row := range m {
			sum += row[k]
		}
		mean := sum / float64(len(m))
		for _, row := range m {
			squares += (row[k] - mean) * (row[k] - mean)
		}
		deviation := math.Sqrt(squares / float64(len(m)))
		for _, row := range m {
			if row[k] -= mean; deviation > 0 {
				row[k] /= deviation
			}
		}
	}
}

// medians returns the medians of windows of an odd width around each number; beyond the
// ends the numbers are reflected. Fewer than half a width are left as they are.
func medians(x []float64, width int) []float64 {
	half := width / 2
	if half == 0 || len(x) <= half {
		return x
	}
	out, window := make([]float64, len(x)), make([]float64, 0, width)
	for i := range x {
		window = window[:0]
		for k := i - half; k <= i+half; k++ {
			at := max(k, -k)
			if over := at - (len(x) - 1); over > 0 {
				at = len(x) - 1 - over
			}
			window = append(window, x[at])
		}
		slices.Sort(window)
		out[i] = window[len(window)/2]
	}
	return out
}

// pathStarts returns the column at which, on the path of the largest sum from the first
// cell to the last, each row begins. A step goes down, right, or both: dynamic time
// warping, Sakoe and Chiba 1978.
func pathStarts(m [][]float64) []int {
	rows, columns := len(m), len(m[0])
	const diagonal, down, right = 0, 1, 2
	steps := make([]uint8, rows*columns)
	above := make([]float64, columns)
	for i, row := range m {
		diag := math.Inf(-1)
		if i == 0 {
			diag = 0
		}
		left := math.Inf(-1)
		for k, v := range row {
			up := math.Inf(-1)
			if i > 0 {
				up = above[k]
			}
			step, best := uint8(right), left
			switch {
			case diag > up && diag > left:
				step, best = diagonal, diag
			case up > diag && up > left:
				step, best = down, up
			}
			steps[i*columns+k] = step
			diag, left = up, best+v
			above[k] = left
		}
	}
	starts := make([]int, rows)
	for i, k := rows-1, columns-1; ; {
		starts[i] = k
		step := steps[i*columns+k]
		if i == 0 && k == 0 {
			return starts
		}
		if step != right {
			i--
		}
		if step != down {
			k--
		}
	}
}
