package tokenize

import "unicode/utf8"

// A splitter is a step of the pre-tokenizer. It hands the parts of a piece to
// sc.next, in order; parts that it removes and empty parts it does not.
type splitter interface {
	split(sc *scratch, depth int, p piece)
}

// behavior says what becomes of the matches of a pattern.
type behavior uint8

const (
	isolated behavior = iota
	removed
	contiguous
	mergedWithPrevious
	mergedWithNext
)

// patternSplit cuts at the matches of a pattern.
type patternSplit struct {
	p        pattern
	behavior behavior
	invert   bool // what matches is what does not
}

func (s patternSplit) split(sc *scratch, depth int, p piece) {
	m := merger{behavior: s.behavior}
	b := p.bytes()
	for at := 0; at < len(b) && !sc.full; {
		i, j := s.p.find(sc.classes, b, at)
		if i < 0 {
			i, j = len(b), len(b)
		}
		if i > at {
			m.add(sc, depth, p, at, i, s.invert)
		}
		if j > i {
			m.add(sc, depth, p, i, j, !s.invert)
		}
		at = j
	}
	m.flush(sc, depth, p)
}

// merger applies a behavior to a series of matches and gaps, of which it holds
// back the last.
type merger struct {
	behavior behavior
	i, j     int
	match    bool // that the last one was a match
	held     bool // that i, j is not handed on yet
}

func (m *merger) add(sc *scratch, depth int, p piece, i, j int, match bool) {
	join := false
	switch m.behavior {
	case removed:
		if !match {
			sc.next(depth+1, piece{p.t, p.i + i, p.i + j})
		}
		return
	case contiguous:
		join = m.held && match == m.match
	case mergedWithPrevious:
		join = m.held && match && !m.match
	case mergedWithNext:
		join = m.held && !match && m.match
	}
	if join {
		m.j, m.match = j, match
		return
	}
	m.flush(sc, depth, p)
	m.i, m.j, m.match, m.held = i, j, match, true
}

func (m *merger) flush(sc *scratch, depth int, p piece) {
	if m.held {
		sc.next(depth+1, piece{p.t, p.i + m.i, p.i + m.j})
	}
	m.held = false
}

// oneOf is a pattern that matches any one character of a class.
type oneOf struct{ class class }

func (p oneOf) find(t *classTable, b []byte, from int) (int, int) {
	for i := from; i < len(b); {
		c, n := t.look(b, i)
		if c&p.class != 0 {
			return i, i + n
		}
		i += n
	}
	return -1, -1
}

// bertWords splits at spaces, which go, and around punctuation.
type bertWords struct{}

func (bertWords) split(sc *scratch, depth int, p piece) {
	b, t := p.t.b[:p.j], sc.classes
	start := p.i
	for i := p.i; i <= p.j; {
		c, n := t.look(b, i)
		if n > 0 && c&(space|bertPunct) == 0 {
			i += n
			continue
		}
		if start < i {
			sc.next(depth+1, piece{p.t, start, i})
		}
		if c&bertPunct != 0 {
			sc.next(depth+1, piece{p.t, i, i + n})
		}
		if i += max(n, 1); sc.full {
			return
		}
		start = i
	}
}

// wordsAndRest is \w+|[^\w\s]+, without what is between.
type wordsAndRest struct{}

func (wordsAndRest) split(sc *scratch, depth int, p piece) {
	b, t := p.t.b[:p.j], sc.classes
	for i := p.i; i < p.j && !sc.full; {
		c, n := t.look(b, i)
		kind, j := c&(word|space), i+n
		for j < p.j {
			if c, n = t.look(b, j); c&(word|space) != kind {
				break
			}
			j += n
		}
		if kind != space {
			sc.next(depth+1, piece{p.t, i, j})
		}
		i = j
	}
}

// metaspace writes a mark for each blank, one before the text, and splits
// before each mark.
type metaspace struct {
	mark   string
	scheme prependScheme
	cut    bool
}

type prependScheme uint8

const (
	prependAlways prependScheme = iota
	prependFirst                // only to what begins the caller's string
	prependNever
)

func (s *metaspace) split(sc *scratch, depth int, p piece) {
	sc.parts[depth] = p.t.part(p.i, p.j)
	dst := &sc.steps[depth]
	s.rewrite(&sc.parts[depth], dst, p.origin() == 0)
	if !s.cut {
		sc.next(depth+1, piece{dst, 0, len(dst.b)})
		return
	}
	start := 0
	for i := 1; i < len(dst.b) && !sc.full; i++ {
		if dst.b[i] == s.mark[0] && string(dst.b[i:min(i+len(s.mark), len(dst.b))]) == s.mark {
			sc.next(depth+1, piece{dst, start, i})
			start = i
		}
	}
	sc.next(depth+1, piece{dst, start, len(dst.b)})
}

func (s *metaspace) rewrite(src, dst *text, first bool) {
	w := rewrite(src, dst)
	marked := len(src.b) == 0 || src.b[0] == ' ' || len(src.b) >= len(s.mark) && string(src.b[:len(s.mark)]) == s.mark
	if !marked && (s.scheme == prependAlways || s.scheme == prependFirst && first) {
		w.prepend(s.mark)
	}
	r, _ := utf8.DecodeRuneInString(s.mark)
	from := 0
	for i, c := range src.b {
		if c == ' ' {
			w.copy(i - from)
			w.keep(r)
			from = i + 1
		}
	}
	w.copy(len(src.b) - from)
}
