package language

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text/language/internal/ngram"
)

// Options configures a [Detector]. The zero value tells all languages apart.
type Options struct {
	// Languages are the ISO 639-1 codes of the languages to tell apart; a text
	// in another one is taken for one of these. Fewer are told apart better.
	// Default: all of [Languages].
	Languages []string

	// MinConfidence is the confidence, 0 to 1, below which Detect gives no
	// language. Default: 0, it gives the best one.
	MinConfidence float64

	// MaxBytes is the number of bytes of a text that are read; the rest is
	// ignored. Default: 2,048.
	MaxBytes int
}

const defaultMaxBytes = 2048

func (o Options) withDefaults() (Options, error) {
	if !(o.MinConfidence >= 0 && o.MinConfidence <= 1) {
		return o, fmt.Errorf("language: MinConfidence is %v, want 0 to 1: %w", o.MinConfidence, quintet.ErrOption)
	}
	if o.MaxBytes < 0 {
		return o, fmt.Errorf("language: MaxBytes is %d: %w", o.MaxBytes, quintet.ErrOption)
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	return o, nil
}

// Language is a language that can be told.
type Language struct {
	Code string `json:"code"` // ISO 639-1
	Name string `json:"name"` // in English
}

// Languages returns all of them, by code.
func Languages() []Language {
	var all []Language
	for _, l := range ngram.Languages() {
		all = append(all, Language{l.Code, l.Name})
	}
	slices.SortFunc(all, func(a, b Language) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

// Result is a language with the confidence in it. The zero Result means that the
// text has no letter of the languages, or that the confidence was too low.
type Result struct {
	Language

	// Confidence is an estimate of the probability, from 0 to 1, that the text
	// is in the language, given that it is in one of those to tell apart. It is
	// 1 if the script leaves no choice.
	Confidence float64 `json:"confidence"`
}

// Detector tells languages apart. It is safe for concurrent use.
type Detector struct {
	opt     Options
	letters *ngram.Letters
	table   *ngram.Table
	scripts [ngram.Scripts][]choice
}

// choice is a language to tell apart from the others of its script.
type choice struct {
	Language
	number int // in the table
}

// New returns a detector, or an error wrapping [quintet.ErrOption].
func New(o Options) (*Detector, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	d := &Detector{opt: o, letters: ngram.NewLetters()}
	if d.table, err = ngram.Open(model); err != nil {
		return nil, fmt.Errorf("language: %w", err)
	}
	asked := map[string]bool{}
	for _, code := range o.Languages {
		asked[code] = true
	}
	var number [ngram.Scripts]int
	for _, l := range ngram.Languages() {
		if asked[l.Code] || len(o.Languages) == 0 {
			d.scripts[l.Script] = append(d.scripts[l.Script], choice{Language{l.Code, l.Name}, number[l.Script]})
			delete(asked, l.Code)
		}
		number[l.Script]++
	}
	for code := range asked {
		return nil, fmt.Errorf("language: unknown code %q: %w", code, quintet.ErrOption)
	}
	return d, nil
}

// Detect returns the language of s. It takes at most MaxBytes steps and does not
// allocate. Of languages that are equally probable it is the one with the first
// code.
func (d *Detector) Detect(s string) Result {
	var r reading
	d.read(&r, s)
	choices := d.scripts[r.script]
	if r.letters == 0 {
		return Result{}
	}
	best := choices[0]
	for _, c := range choices[1:] {
		if r.sum(c) > r.sum(best) {
			best = c
		}
	}
	confidence := 1 / r.odds(choices, best)
	if confidence < d.opt.MinConfidence {
		return Result{}
	}
	return Result{best.Language, confidence}
}

// DetectLanguage returns the ISO 639-1 code of the language of s and the confidence
// in it, or "" and 0. It is [Detector.Detect] for those who do not import this
// package.
func (d *Detector) DetectLanguage(s string) (code string, confidence float64) {
	r := d.Detect(s)
	return r.Code, r.Confidence
}

// Candidates returns the n most probable languages of s, or all of its script if
// there are fewer, best first; those with the same confidence are by code. The
// confidences of all candidates add up to 1. MinConfidence does not matter. For a
// text without letters or an n below 1 it returns nil.
func (d *Detector) Candidates(s string, n int) []Result {
	var r reading
	d.read(&r, s)
	if r.letters == 0 || n < 1 {
		return nil
	}
	choices := d.scripts[r.script]
	all := make([]Result, len(choices))
	for i, c := range choices {
		all[i] = Result{c.Language, 1 / r.odds(choices, c)}
	}
	slices.SortStableFunc(all, func(a, b Result) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return all[:min(n, len(all))]
}

// reading is what the letters of a text say.
type reading struct {
	sums    [ngram.Han + 1]ngram.Sums // of the weights, by script
	count   [ngram.Scripts]int        // of letters
	script  ngram.Script              // that most letters have, of those with a language
	letters int                       // of it
}

func (r *reading) sum(c choice) int32 {
	if r.script > ngram.Han {
		return 0
	}
	return r.sums[r.script].Of(c.number)
}

// odds is one over the probability of c: the sum, over the choices, of how many
// times as probable as c they are. N-grams of a text depend on one another, and
// their evidence is discounted the more the longer the text is.
func (r *reading) odds(choices []choice, c choice) float64 {
	unit := ngram.Step / temperature(r.letters)
	odds := 0.0
	for _, other := range choices {
		odds += math.Exp(float64(r.sum(other)-r.sum(c)) * unit)
	}
	return odds
}

// temperature divides the evidence of a text. Its form and numbers were fitted on
// half of the development texts, so that confidences are right on average.
func temperature(letters int) float64 {
	return math.Sqrt(1.5 + float64(letters)/2)
}

// ideographWeight is how many letters of an alphabet an ideograph or a syllable
// counts for, when scripts are mixed.
const ideographWeight = 2

// Marks of this block stand over or under the letter before them. They do not end a
// word.
const firstMark, lastMark = 0x300, 0x36f

// read fills r with what s says.
func (d *Detector) read(r *reading, s string) {
	s = s[:min(len(s), d.opt.MaxBytes)]
	var window ngram.Window
	script := ngram.None // of the word that is being read
	for i := 0; i < len(s); {
		c, size := rune(s[i]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRuneInString(s[i:])
		}
		i += size
		if c >= firstMark && c <= lastMark {
			continue
		}
		letter := d.letters.Of(c)
		next := letter.Script()
		if next != script {
			if script < ngram.Han {
				d.push(r, script, &window, ngram.Boundary)
			}
			script, window = next, ngram.Window{}
		}
		switch {
		case next < ngram.Han:
			r.count[next]++
			d.push(r, next, &window, letter.Symbol())
		case next == ngram.Han:
			r.count[next] += ideographWeight
			d.table.Add(ngram.RuneKey(c), &r.sums[next])
		case next == ngram.Hangul:
			r.count[next] += ideographWeight
		case next < ngram.Scripts:
			r.count[next]++
		}
	}
	if script < ngram.Han {
		d.push(r, script, &window, ngram.Boundary)
	}
	for script, n := range r.count {
		if n > r.letters && len(d.scripts[script]) > 0 {
			r.script, r.letters = ngram.Script(script), n
		}
	}
	if r.script <= ngram.Han {
		r.sums[r.script].Flush()
	}
}

// wellRead is the number of letters of a text after which n-grams of more than
// three symbols are not looked up: they tell little that is new, and take most of
// the time.
const wellRead = 48

// push adds the weights of the n-grams that end with a symbol. Those of two symbols
// include those of one, and a longer one has weights only if the last two have.
func (d *Detector) push(r *reading, script ngram.Script, w *ngram.Window, symbol uint16) {
	longest, sums := w.Push(symbol), &r.sums[script]
	if !d.table.Add(longest.Last(2), sums) {
		d.table.Add(longest.Last(1), sums)
		return
	}
	order := longest.Order()
	if r.count[script] > wellRead {
		order = min(order, 3)
	}
	for n := 3; n <= order; n++ {
		d.table.Add(longest.Last(n), sums)
	}
}
