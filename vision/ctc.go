package vision

import (
	"fmt"
	"math"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// ctcDecoder reads the output of a model that was trained with connectionist temporal
// classification (Graves and others, ICML 2006): in each column the most likely class,
// repetitions taken as one, and class 0, which is no character, left out.
type ctcDecoder struct {
	texts   []string // of the classes
	allowed []int    // classes that may be read besides the space; nil is all
	space   int      // the class of the space, 0 if there is none
	prior   float32  // multiplies its probability
}

// newCTCDecoder returns a decoder for the classes that a model says that it has.
func newCTCDecoder(o ReaderOptions, output optimize.TensorInfo) (*ctcDecoder, error) {
	d := &ctcDecoder{texts: append([]string{""}, o.Alphabet...), prior: float32(o.SpacePrior)}
	for i, text := range d.texts {
		if text == " " {
			d.space = i
		}
	}
	if d.space == 0 {
		d.space = len(d.texts)
		d.texts = append(d.texts, " ")
	}
	classes := len(d.texts)
	if n := len(output.Shape); n > 0 && output.Shape[n-1] >= 0 {
		classes = output.Shape[n-1]
	}
	if classes != len(d.texts) {
		return nil, fmt.Errorf("vision: the recognition model has %d classes, the alphabet of %d characters makes %d: %w",
			classes, len(o.Alphabet), len(d.texts), quintet.ErrOption)
	}
	return d, d.allow(o.Characters)
}

// allow restricts what is read to some characters.
func (d *ctcDecoder) allow(characters string) error {
	if characters == "" {
		return nil
	}
	for i, text := range d.texts {
		if i != 0 && i != d.space && strings.Trim(text, characters) == "" {
			d.allowed = append(d.allowed, i)
		}
	}
	if len(d.allowed) == 0 {
		return fmt.Errorf("vision: the alphabet has none of the Characters %q: %w", characters, quintet.ErrOption)
	}
	if !strings.Contains(characters, " ") {
		d.space = 0
	}
	return nil
}

// ctcChar is a character in the columns from first up to and without end.
type ctcChar struct {
	text       string
	p          float32 // the highest of the columns
	first, end int
}

// decode reads a line: for each column the probabilities of all classes.
func (d *ctcDecoder) decode(p []float32) (chars []ctcChar) {
	last := 0
	for column := range len(p) / len(d.texts) {
		class, likely := d.best(p[column*len(d.texts):][:len(d.texts)])
		switch {
		case class == 0:
		case class == last:
			c := &chars[len(chars)-1]
			c.p, c.end = max(c.p, likely), column+1
		default:
			chars = append(chars, ctcChar{d.texts[class], likely, column, column + 1})
		}
		last = class
	}
	return chars
}

// best returns the most likely class of a column, of equal ones the first.
func (d *ctcDecoder) best(p []float32) (class int, likely float32) {
	likely = p[0]
	if d.allowed == nil {
		for i, v := range p {
			if v > likely && i != d.space {
				class, likely = i, v
			}
		}
	}
	for _, i := range d.allowed {
		if v := p[i]; v > likely {
			class, likely = i, v
		}
	}
	if d.space != 0 && p[d.space]*d.prior > likely {
		class, likely = d.space, p[d.space]
	}
	if !(likely >= 0 && likely <= 1) { // what is no probability counts as none or certain
		likely = float32(min(max(0, float64(likely)), 1))
		if math.IsNaN(float64(likely)) {
			likely = 0
		}
	}
	return class, likely
}
