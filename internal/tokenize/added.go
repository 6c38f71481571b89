package tokenize

import "unicode/utf8"

// addedToken is a token that is found in the text before the model sees it.
type addedToken struct {
	content                    string
	id                         int32
	special                    bool
	singleWord, lstrip, rstrip bool
	normalized                 bool // found in the normalized text
}

// addedSet finds added tokens in a text: at each place the longest.
type addedSet struct {
	trie  *trie
	first [256]bool // bytes that begin a token
	rules map[int32]addedToken
}

// newAddedSet returns nil if there are no tokens.
func newAddedSet(contents []string, ids []int32, rules map[int32]addedToken) *addedSet {
	if len(contents) == 0 {
		return nil
	}
	s := &addedSet{rules: rules}
	// Of equal contents the trie keeps the last, the reference library the first.
	var back []string
	var backIDs []int32
	for i := len(contents) - 1; i >= 0; i-- {
		back, backIDs = append(back, contents[i]), append(backIDs, ids[i])
		s.first[contents[i][0]] = true
	}
	s.trie = newTrie(back, backIDs)
	return s
}

// find returns the first token that begins at or after from, without regard to
// what it strips; -1 if there is none.
func (s *addedSet) find(b []byte, from int) (i, j int, id int32) {
	for i := from; i < len(b); i++ {
		if !s.first[b[i]] {
			continue
		}
		if id, n := s.trie.longest(b[i:]); n > 0 {
			return i, i + n, id
		}
	}
	return -1, -1, -1
}

// split calls gap with what is between tokens and token with the tokens, in
// order, until sc is full.
func (s *addedSet) split(sc *scratch, t *text, gap func(*scratch, piece), token func(*scratch, piece, int32)) {
	end, at := 0, 0 // of the last token with and without what it stripped
	for s != nil && !sc.full {
		i, j, id := s.find(t.b, at)
		if i < 0 {
			break
		}
		at = j
		rule := s.rules[id]
		if rule.singleWord && !s.alone(sc.classes, t.b, i, j) {
			continue
		}
		i, j = s.strip(sc.classes, rule, t.b, i, j, end)
		if end < i {
			gap(sc, piece{t, end, i})
		}
		if i < j { // else the token before it has taken its place
			token(sc, piece{t, i, j}, id)
		}
		end = j
	}
	if end < len(t.b) && !sc.full {
		gap(sc, piece{t, end, len(t.b)})
	}
}

// alone reports whether no word character touches the token.
func (s *addedSet) alone(t *classTable, b []byte, i, j int) bool {
	before, _ := utf8.DecodeLastRune(b[:i])
	after, _ := utf8.DecodeRune(b[j:])
	return (i == 0 || t.of(before)&word == 0) && (j == len(b) || t.of(after)&word == 0)
}

// strip widens a token over the spaces that it takes with it, on the left not
// beyond the end of the token before.
func (s *addedSet) strip(t *classTable, rule addedToken, b []byte, i, j, end int) (int, int) {
	for rule.lstrip && i > 0 {
		r, n := utf8.DecodeLastRune(b[:i])
		if t.of(r)&space == 0 {
			break
		}
		i -= n
	}
	if rule.lstrip {
		i = max(i, end)
	}
	for rule.rstrip && j < len(b) {
		r, n := decode(b[j:])
		if t.of(r)&space == 0 {
			break
		}
		j += n
	}
	return i, j
}
