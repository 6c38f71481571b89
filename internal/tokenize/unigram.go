package tokenize

import (
	"fmt"
	"slices"
)

// unknownPenalty is what an unknown character costs beyond the least likely
// token.
const unknownPenalty = 10

// unigram cuts a word into the tokens whose scores add up to the most.
// Kudo, Subword regularization, 2018; the search is Viterbi's.
type unigram struct {
	*vocabulary
	scores   []float64
	trie     *trie
	unk      int32
	unkScore float64
	// bytes holds the tokens of single bytes if there is byte fallback, and -1
	// for a byte without one.
	bytes *[256]int32
}

func newUnigram(v *vocabulary, scores []float64, unk int32, byteFallback bool) *unigram {
	m := &unigram{vocabulary: v, scores: scores, unk: unk}
	ids := make([]int32, len(scores))
	for i := range ids {
		ids[i] = int32(i)
	}
	m.trie = newTrie(v.tokens, ids)
	m.unkScore = slices.Min(scores) - unknownPenalty
	if byteFallback {
		m.bytes = byteTokens(v)
	}
	return m
}

// byteTokens returns the ids of <0x00> to <0xFF>, -1 where there is none.
func byteTokens(v *vocabulary) *[256]int32 {
	var ids [256]int32
	for b := range ids {
		id, ok := v.ids[fmt.Sprintf("<0x%02X>", b)]
		if !ok {
			id = -1
		}
		ids[b] = id
	}
	return &ids
}

// path is the best way to cut the word up to some place: its last token and
// where that begins.
type path struct {
	score float64
	id    int32
	from  int32 // -1: no way leads here
}

func (m *unigram) cached() bool { return true }

func (m *unigram) encode(sc *scratch, w []byte) {
	best := m.search(sc, w)
	before := len(sc.toks)
	for end := int32(len(w)); end > 0; {
		p := best[end]
		from := p.from
		if p.id == m.unk {
			for from > 0 && best[from].id == m.unk {
				from = best[from].from
			}
			m.unknown(sc, w, from, end)
		} else {
			sc.toks = append(sc.toks, tok{p.id, from, end})
		}
		end = from
	}
	slices.Reverse(sc.toks[before:])
}

// search returns the best paths by the place where they end.
func (m *unigram) search(sc *scratch, w []byte) []path {
	best := slices.Grow(sc.paths[:0], len(w)+1)[:len(w)+1]
	sc.paths = best
	for i := range best {
		best[i].from = -1
	}
	best[0] = path{from: 0, id: -1}
	for i := 0; i < len(w); {
		_, size := decode(w[i:])
		score, single := best[i].score, false
		node := int32(0)
		for k := i; k < len(w); k++ {
			if node = m.trie.child(node, w[k]); node == 0 {
				break
			}
			if id := m.trie.value[node]; id >= 0 {
				best[k+1].improve(score+m.scores[id], id, i)
				single = single || k+1-i == size
			}
		}
		if !single {
			best[i+size].improve(score+m.unkScore, m.unk, i)
		}
		i += size
	}
	return best
}

// improve takes a way that is better. Of equals the first stays.
func (p *path) improve(score float64, id int32, from int) {
	if p.from < 0 || score > p.score {
		*p = path{score, id, int32(from)}
	}
}

// unknown appends the token of a run of unknown characters, in reverse order if
// they become bytes.
func (m *unigram) unknown(sc *scratch, w []byte, from, end int32) {
	if id := m.trie.exact(w[from:end]); id >= 0 {
		sc.toks = append(sc.toks, tok{id, from, end})
		return
	}
	before := len(sc.toks)
	for k := end - 1; m.bytes != nil && k >= from; k-- {
		id := m.bytes[w[k]]
		if id < 0 {
			sc.toks = sc.toks[:before]
			break
		}
		sc.toks = append(sc.toks, tok{id, from, end})
	}
	if len(sc.toks) == before {
		sc.toks = append(sc.toks, tok{m.unk, from, end})
	}
}
