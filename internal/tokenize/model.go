package tokenize

// tok is a token of a word: its bytes are start to end of the word.
type tok struct{ id, start, end int32 }

// A model cuts words into tokens.
type model interface {
	// encode appends the tokens of w, which is not empty, to sc.toks.
	encode(sc *scratch, w []byte)
	// cached says that it pays to remember the tokens of a word.
	cached() bool
}

// vocabulary maps tokens to ids and back.
type vocabulary struct {
	ids    map[string]int32
	tokens []string // by id; "" also where there is none
	has    []bool   // that there is a token of this id
}

func (v *vocabulary) id(token string) (int32, bool) {
	id, ok := v.ids[token]
	return id, ok
}

func (v *vocabulary) token(id int32) (string, bool) {
	if id < 0 || int(id) >= len(v.tokens) || !v.has[id] {
		return "", false
	}
	return v.tokens[id], true
}

// wordLevel knows whole words only.
type wordLevel struct {
	*vocabulary
	unk int32
}

func (m *wordLevel) cached() bool { return false }

func (m *wordLevel) encode(sc *scratch, w []byte) {
	id, ok := m.ids[string(w)]
	if !ok {
		id = m.unk
	}
	sc.toks = append(sc.toks, tok{id, 0, int32(len(w))})
}
