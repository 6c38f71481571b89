package tokenize

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// modelFile is the model of a tokenizer.json. Strings of the vocabulary and of
// merges stand one after the other in text, so that they are one allocation.
type modelFile struct {
	text   []byte
	vocab  []entry
	merges []int // ends in text: first string, second string, first string, …
	scored bool  // the vocabulary is a list with scores

	settings map[string]json.RawMessage
}

// entry of a vocabulary: its token ends in text at end and begins where the
// one before it ends.
type entry struct {
	start, end int
	id         int32
	score      float64
}

func readModel(r *jsonReader) *modelFile {
	m := &modelFile{settings: map[string]json.RawMessage{}}
	r.object(func(key []byte) {
		switch name := string(key); {
		case name == "vocab" && r.peek() == '[':
			m.scored, m.vocab = true, m.vocab[:0]
			r.array(func() { m.readScored(r) })
		case name == "vocab":
			m.scored, m.vocab = false, m.vocab[:0]
			r.object(func(token []byte) {
				e := m.keep(token)
				e.id = r.id()
				m.vocab = append(m.vocab, e)
			})
		case name == "merges":
			m.merges = m.merges[:0]
			r.array(func() { m.readMerge(r) })
		default:
			m.settings[name] = r.raw()
		}
	})
	return m
}

func (m *modelFile) keep(s []byte) entry {
	e := entry{start: len(m.text)}
	m.text = append(m.text, s...)
	e.end = len(m.text)
	return e
}

// readScored reads ["token", -1.5].
func (m *modelFile) readScored(r *jsonReader) {
	r.skip('[')
	e := m.keep(r.str())
	r.skip(',')
	e.id, e.score = int32(len(m.vocab)), r.score()
	r.skip(']')
	m.vocab = append(m.vocab, e)
}

// readMerge reads "a b" or ["a", "b"].
func (m *modelFile) readMerge(r *jsonReader) {
	if r.peek() == '[' {
		n := 0
		r.array(func() {
			e := m.keep(r.str())
			m.merges = append(m.merges, e.start, e.end)
			n++
		})
		if r.err == nil && n != 2 {
			r.fail("merge of %d tokens", n)
		}
		return
	}
	s := string(r.str())
	if strings.HasPrefix(s, "#version") {
		return
	}
	a, b, ok := strings.Cut(s, " ")
	if r.err == nil && (!ok || strings.Contains(b, " ")) {
		r.fail("merge %q is not two tokens", s)
	}
	for _, token := range []string{a, b} {
		e := m.keep([]byte(token))
		m.merges = append(m.merges, e.start, e.end)
	}
}

// score reads a number as the reference library does: the digits as an integer,
// as long as 64 bits hold it, then scaled by a power of ten. That is not always
// the nearest float64.
func (r *jsonReader) score() float64 {
	s := string(r.number())
	sign, exp, v := 1.0, 0, uint64(0)
	digits, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	if strings.HasPrefix(digits, "-") {
		sign, digits = -1, digits[1:]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	full := false
	for i, c := range whole + fraction {
		if full = full || v > (math.MaxUint64-uint64(c-'0'))/10; full {
			if i < len(whole) {
				exp++
			}
			continue
		}
		v = 10*v + uint64(c-'0')
		if i >= len(whole) {
			exp--
		}
	}
	if n, err := strconv.Atoi(exponent); err == nil {
		exp += max(-1000, min(n, 1000))
	}
	f := float64(v)
	for ; exp < -308; exp += 308 {
		f /= 1e308
	}
	if exp > 308 && v != 0 {
		r.fail("score is too large")
		return 0
	}
	if exp < 0 {
		return sign * (f / pow10(-exp))
	}
	return sign * (f * pow10(exp))
}

func pow10(n int) float64 {
	f, _ := strconv.ParseFloat("1e"+strconv.Itoa(min(n, 308)), 64)
	return f
}
