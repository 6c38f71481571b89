package postings

import "slices"

// cursor walks over the blocks of a list, only forward.
type cursor struct {
	blocks []block
	factor float64 // what the term is worth
	at     int     // block; all ids wanted from now on are in it or behind
	opened int     // block that is in page, or -1
	n      int     // postings in page

	inWindow int // postings of the window, about

	page page
}

func (c *cursor) reset(blocks []block, factor float64) {
	c.blocks, c.factor, c.at, c.opened, c.n = blocks, factor, 0, -1, 0
}

// skip moves to the first block that ends at id or behind, by steps that double
// and then by halves.
func (c *cursor) skip(id uint32) {
	lo, hi := c.at, min(c.at+1, len(c.blocks))
	for step := 2; lo < hi && c.blocks[hi-1].last < id; step *= 2 {
		lo, hi = hi, min(hi+step, len(c.blocks))
	}
	for lo < hi {
		if mid := (lo + hi) / 2; c.blocks[mid].last < id {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	c.at = lo
}

// before reports whether there is a block that begins before id.
func (c *cursor) before(id uint32) bool { return c.at < len(c.blocks) && c.blocks[c.at].first < id }

// open reads the block into page.
func (c *cursor) open() {
	if c.opened != c.at {
		c.n = c.blocks[c.at].read(&c.page)
		c.opened = c.at
	}
}

// span returns the part of page with ids from lo to below hi.
func (c *cursor) span(lo, hi uint32) (from, to int) {
	b, ids := &c.blocks[c.at], c.page.ids[:c.n]
	to = len(ids)
	if b.first < lo {
		from, _ = slices.BinarySearch(ids, lo)
	}
	if b.last >= hi {
		to, _ = slices.BinarySearch(ids, hi)
	}
	return from, to
}

// weight returns that of id in the block, if it is there.
func (c *cursor) weight(id uint32) (float32, bool) {
	c.open()
	i, ok := slices.BinarySearch(c.page.ids[:c.n], id)
	if !ok {
		return 0, false
	}
	return c.page.weights[i], true
}

// look estimates the postings in the window at base and returns the most that one
// of them adds.
func (c *cursor) look(s *scorer, base uint32) (most float64) {
	c.inWindow = 0
	c.skip(base)
	for i := c.at; i < len(c.blocks) && c.blocks[i].first < base+window; i++ {
		b := &c.blocks[i]
		most = max(most, s.limit(b.bound, c.factor))
		if reach := int(b.last-b.first) + 1; reach > window {
			c.inWindow += int(b.n) * window / reach
		} else {
			c.inWindow += int(b.n)
		}
	}
	return most
}

// next returns the first id from lo on that the list may have.
func (c *cursor) next(lo uint32) (id uint32, ok bool) {
	c.skip(lo)
	if c.at == len(c.blocks) {
		return 0, false
	}
	return max(lo, c.blocks[c.at].first), true
}
