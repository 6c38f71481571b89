package text

import "unicode/utf8"

// wordMatcher finds any of a set of values where they stand as whole words: the
// automaton of A. V. Aho and M. J. Corasick, "Efficient string matching",
// Communications of the ACM 18(6), 1975. Capitals of ASCII match their small
// letters. It is not written to after it is made.
type wordMatcher struct {
	nodes []matchNode // the first is the root
	sizes []int       // of each value
}

// matchNode is a node of the trie. Its children are a list.
type matchNode struct {
	child, sibling int32 // 0 is none
	fail           int32 // the node of the longest proper suffix
	shorter        int32 // the next node along fail that ends a value, or 0
	value          int32 // that ends here, plus 1, or 0
	b              byte
}

// wordMatch is a place where a value stands.
type wordMatch struct {
	Span
	value int
}

// newWordMatcher takes values that are not empty. Of equal values the first counts.
func newWordMatcher(values []string) *wordMatcher {
	m := &wordMatcher{nodes: make([]matchNode, 1)}
	for i, v := range values {
		m.sizes = append(m.sizes, len(v))
		node := int32(0)
		for j := range len(v) {
			node = m.grow(node, lowerByte(v[j]))
		}
		if m.nodes[node].value == 0 {
			m.nodes[node].value = int32(i + 1)
		}
	}
	m.link()
	return m
}

func lowerByte(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + ('a' - 'A')
	}
	return b
}

// childOf returns the child of node by b, or 0.
func (m *wordMatcher) childOf(node int32, b byte) int32 {
	for c := m.nodes[node].child; c != 0; c = m.nodes[c].sibling {
		if m.nodes[c].b == b {
			return c
		}
	}
	return 0
}

func (m *wordMatcher) grow(node int32, b byte) int32 {
	if c := m.childOf(node, b); c != 0 {
		return c
	}
	c := int32(len(m.nodes))
	m.nodes = append(m.nodes, matchNode{b: b, sibling: m.nodes[node].child})
	m.nodes[node].child = c
	return c
}

// link fills fail and shorter, level by level.
func (m *wordMatcher) link() {
	queue := []int32{0}
	for i := 0; i < len(queue); i++ {
		node := queue[i]
		for c := m.nodes[node].child; c != 0; c = m.nodes[c].sibling {
			if node != 0 {
				fail := m.step(m.nodes[node].fail, m.nodes[c].b)
				m.nodes[c].fail, m.nodes[c].shorter = fail, fail
				if m.nodes[fail].value == 0 {
					m.nodes[c].shorter = m.nodes[fail].shorter
				}
			}
			queue = append(queue, c)
		}
	}
}

// step returns the node of the longest suffix that goes on with b.
func (m *wordMatcher) step(node int32, b byte) int32 {
	for {
		if c := m.childOf(node, b); c != 0 || node == 0 {
			return c
		}
		node = m.nodes[node].fail
	}
}

// find appends the places of values in s, in the order of their ends; of those
// that end at one place the longest that is a whole word.
func (m *wordMatcher) find(dst []wordMatch, s string) []wordMatch {
	node := int32(0)
	for i := range len(s) {
		node = m.step(node, lowerByte(s[i]))
		at := node
		if m.nodes[at].value == 0 {
			at = m.nodes[at].shorter
		}
		if at == 0 || !edge(s, i+1) {
			continue
		}
		for ; at != 0; at = m.nodes[at].shorter {
			value := int(m.nodes[at].value - 1)
			if start := i + 1 - m.sizes[value]; edge(s, start) {
				dst = append(dst, wordMatch{Span{start, i + 1}, value})
				break
			}
		}
	}
	return dst
}

// edge reports whether i is not inside a word of letters and digits.
func edge(s string, i int) bool {
	if i == 0 || i == len(s) {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i:])
	return !wordRune(before) || !wordRune(after)
}
