package english

import "github.com/quintet-ai/quintet/internal/perceptron"

// nameFeatures appends the features of word i of a tagged sentence: what it and its
// neighbours look like, where the lexicon has them, and their tags.
func (s *Sentence) nameFeatures(dst []uint32, i int) []uint32 {
	w := s.words[i : i+5]
	b2, b1, c, a1, a2 := &w[0], &w[1], &w[2], &w[3], &w[4]
	one := func(id, v uint32) { dst = append(dst, perceptron.Mix(id<<24, v)) }
	two := func(id, v, u uint32) { dst = append(dst, perceptron.Mix(perceptron.Mix(id<<24, v), u)) }
	kind := s.kindAt(i)
	tag, tb, ta := s.tagAt(i), s.tagAt(i-1), s.tagAt(i+1)
	lists := uint32(c.Lists)
	one(101, 0)
	one(102, c.hash)
	two(103, c.hash, kind)
	one(104, c.suffix[1])
	one(105, c.suffix[2])
	one(106, c.suffix[3])
	one(107, c.prefix[2])
	two(108, c.shape, kind)
	two(109, kind, tag)
	one(110, b1.hash)
	one(111, a1.hash)
	one(112, b2.hash)
	one(113, a2.hash)
	two(114, b1.hash, c.hash)
	two(115, c.hash, a1.hash)
	two(116, uint32(c.Cluster), kind)
	one(117, uint32(c.Cluster))
	two(118, uint32(b1.Cluster), uint32(b1.kind))
	two(119, uint32(a1.Cluster), uint32(a1.kind))
	two(120, uint32(c.coarse), kind)
	two(121, uint32(b1.coarse)<<8|uint32(c.coarse), kind)
	two(122, uint32(a1.coarse)<<8|uint32(c.coarse), kind)
	two(123, uint32(b2.coarse), uint32(b1.coarse))
	two(124, uint32(a1.coarse), uint32(a2.coarse))
	two(125, lists, kind)
	two(126, lists<<8|uint32(b1.Lists), kind)
	two(127, lists<<8|uint32(a1.Lists), kind)
	two(128, uint32(c.place), kind)
	two(129, tag, tb)
	two(130, tag, ta)
	two(131, tag<<8|tb, ta)
	two(132, kind, uint32(b1.kind))
	two(133, kind, uint32(a1.kind))
	two(134, uint32(b1.kind)<<8|uint32(a1.kind), kind)
	two(135, tag, c.suffix[2])
	two(136, tag, b1.hash)
	two(137, tag, a1.hash)
	two(138, uint32(c.coarse)<<8|lists, tag)
	two(139, uint32(b1.Lists)<<8|uint32(b1.kind), tag)
	two(140, uint32(a1.Lists)<<8|uint32(a1.kind), tag)
	for bit := uint32(1); bit <= Common; bit <<= 1 {
		if lists&bit != 0 {
			two(141, bit, kind<<8|tag)
		}
	}
	two(142, uint32(b2.Cluster), tag)
	two(143, uint32(a2.Cluster), tag)
	return dst
}

// tagAt returns the tag of a word, noTag for one outside of the sentence.
func (s *Sentence) tagAt(i int) uint32 {
	if i < 0 || i >= len(s.tags) {
		return noTag
	}
	return uint32(s.tags[i])
}
