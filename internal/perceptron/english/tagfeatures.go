package english

import "github.com/quintet-ai/quintet/internal/perceptron"

// The features of a part of speech: what the word looks like, its neighbours, and
// the tags before it. Each has a number of its own.

// tagFeatures appends the features of word i that do not depend on tags.
func (s *Sentence) tagFeatures(dst []uint32, i int) []uint32 {
	w := s.words[i : i+5] // the word is the middle one
	b2, b1, c, a1, a2 := &w[0], &w[1], &w[2], &w[3], &w[4]
	one := func(id, v uint32) { dst = append(dst, perceptron.Mix(id<<24, v)) }
	two := func(id, v, u uint32) { dst = append(dst, perceptron.Mix(perceptron.Mix(id<<24, v), u)) }
	kind := s.kindAt(i)
	one(1, 0)
	one(2, c.hash)
	two(3, c.hash, kind)
	one(4, c.suffix[0])
	one(5, c.suffix[1])
	one(6, c.suffix[2])
	one(7, c.suffix[3])
	one(8, c.prefix[1])
	one(9, c.prefix[2])
	two(10, c.shape, kind&1)
	one(11, b1.hash)
	one(12, a1.hash)
	one(13, b2.hash)
	one(14, a2.hash)
	two(15, b1.hash, c.hash)
	two(16, c.hash, a1.hash)
	one(17, b1.suffix[2])
	one(18, a1.suffix[2])
	one(19, a1.suffix[1])
	two(20, uint32(c.Cluster), kind)
	one(21, uint32(b1.Cluster))
	one(22, uint32(a1.Cluster))
	two(23, uint32(c.coarse), uint32(b1.coarse))
	two(24, uint32(c.coarse), uint32(a1.coarse))
	two(25, kind, uint32(a1.kind))
	two(26, kind, uint32(b1.kind))
	two(27, c.suffix[2], a1.suffix[1])
	two(28, uint32(c.Lists), kind)
	two(29, uint32(a1.coarse), uint32(a2.coarse))
	return dst
}

// tagHistory appends the features of word i that depend on the two tags before.
func (s *Sentence) tagHistory(dst []uint32, i int, before, before2 uint32) []uint32 {
	c, a1 := &s.words[i+2], &s.words[i+3]
	one := func(id, v uint32) { dst = append(dst, perceptron.Mix(id<<24, v)) }
	two := func(id, v, u uint32) { dst = append(dst, perceptron.Mix(perceptron.Mix(id<<24, v), u)) }
	both := before<<8 | before2
	one(40, before)
	one(41, both)
	two(42, before, c.hash)
	two(43, both, c.hash)
	two(44, before, c.suffix[2])
	two(45, before, uint32(c.Cluster)<<8|uint32(c.kind))
	two(46, before, a1.hash)
	two(47, before, uint32(c.coarse)<<8|uint32(a1.coarse))
	one(48, before2)
	two(49, before, uint32(c.kind))
	return dst
}
