package tokenize

import "sync"

// item is a token of a sequence.
type item struct {
	id    int32
	word  int32
	at    span
	added bool // an added token, which may have taken spaces with it
}

// scratch is what one call needs. It is kept for the next one.
type scratch struct {
	t       *Tokenizer
	classes *classTable

	src     text    // the caller's string
	norm    [2]text // what the normalizers write, in turns
	segment text    // the part that they read
	steps   []text  // what a splitter that rewrites writes
	letters []text  // the same for the letters of bytes
	parts   []text  // what it reads
	changes []change

	toks     []tok
	symbols  []unit
	ranks    []uint32
	heap     []uint64
	spelling []byte
	paths    []path

	seqs  [2][]item
	out   []item // the sequence under way
	words int32
	limit int  // tokens after which the sequence is full; -1: none
	full  bool // no more tokens are wanted
}

// scratchKeep is the size of a text, in bytes, beyond which its scratch is not
// kept.
const scratchKeep = 1 << 18

func newScratchPool(t *Tokenizer) *sync.Pool {
	return &sync.Pool{New: func() any {
		n := len(t.splitters) + 1
		return &scratch{t: t, classes: classes(), steps: make([]text, n), letters: make([]text, n), parts: make([]text, n)}
	}}
}

// sequence returns the tokens of s, at most limit of them if it is not
// negative, in dst.
func (sc *scratch) sequence(dst []item, s string, limit int) []item {
	sc.out, sc.words, sc.limit, sc.full = dst[:0], 0, limit, limit == 0
	sc.src.set(s)
	sc.t.addedRaw.split(sc, &sc.src, (*scratch).normalize, (*scratch).added)
	return sc.out
}

// normalize takes a part of the caller's string that has no added tokens.
func (sc *scratch) normalize(p piece) {
	if len(sc.t.normalizers) == 0 && sc.t.addedNormal == nil {
		sc.next(0, p)
		return
	}
	sc.segment = p.t.part(p.i, p.j)
	cur := sc.t.definition.normalize(sc, &sc.segment)
	sc.t.addedNormal.split(sc, cur, func(sc *scratch, p piece) { sc.next(0, p) }, (*scratch).added)
}

// normalize returns what the normalizers make of a text.
func (p *definition) normalize(sc *scratch, t *text) *text {
	k := 0
	for _, n := range p.normalizers {
		if n.normalize(sc, t, &sc.norm[k]) {
			t = &sc.norm[k]
			k ^= 1
		}
	}
	return t
}

// added takes an added token.
func (sc *scratch) added(p piece, id int32) {
	sc.add(id, p.t.cover(p.i, p.j), true)
	sc.words++
}

// next hands a piece to the splitter of a depth, or to the model after the
// last.
func (sc *scratch) next(depth int, p piece) {
	switch {
	case p.i == p.j || sc.full:
	case depth == len(sc.t.splitters):
		sc.word(p)
	default:
		sc.t.splitters[depth].split(sc, depth, p)
	}
}

// word adds the tokens of a word.
func (sc *scratch) word(p piece) {
	for _, k := range sc.tokens(p.bytes()) {
		sc.add(k.id, cover(p, k), false)
	}
	sc.words++
}

// tokens returns the tokens of a word, which the next call may overwrite.
func (sc *scratch) tokens(w []byte) []tok {
	sc.toks = sc.toks[:0]
	if len(w) > cacheMaxWord || !sc.t.model.cached() {
		sc.t.model.encode(sc, w)
		return sc.toks
	}
	toks, hash, ok := sc.t.cache.find(w)
	if ok {
		return toks
	}
	sc.t.model.encode(sc, w)
	sc.t.cache.keep(w, hash, sc.toks)
	return sc.toks
}

// cover returns what a token of a piece stands for. The sizes of unknown
// symbols may add up to more than the piece; then it is the place in the piece.
func cover(p piece, k tok) span {
	i, j := p.i+int(k.start), p.i+int(k.end)
	if j > p.j {
		return span{k.start, k.end}
	}
	return p.t.cover(i, j)
}

func (sc *scratch) add(id int32, at span, added bool) {
	if sc.full {
		return
	}
	sc.out = append(sc.out, item{id, sc.words, at, added})
	sc.full = len(sc.out) == sc.limit
}

// remember appends the tokens of a part of a word that begins at start, from
// the cache if they are there.
func (sc *scratch) remember(m *bpe, w []byte, start int) {
	before := len(sc.toks)
	if len(w) > cacheMaxWord {
		m.merge(sc, w)
	} else if toks, hash, ok := sc.t.cache.find(w); ok {
		sc.toks = append(sc.toks, toks...)
	} else {
		m.merge(sc, w)
		sc.t.cache.keep(w, hash, sc.toks[before:])
	}
	for i := before; i < len(sc.toks); i++ {
		sc.toks[i].start += int32(start)
		sc.toks[i].end += int32(start)
	}
}
