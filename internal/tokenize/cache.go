package tokenize

import (
	"hash/maphash"
	"sync/atomic"
)

const (
	cacheSlots   = 1 << 14
	cacheMaxWord = 64 // bytes; longer words are rare and are not kept
)

// wordCache keeps the tokens of frequent words. It holds at most cacheSlots
// words of at most cacheMaxWord bytes, needs no lock, and loses a word when
// another one claims both of its slots. A word is kept when it comes for the
// second time, so that words that come once cost nothing and push none out.
type wordCache struct {
	seed  maphash.Seed
	slots [cacheSlots]atomic.Pointer[cachedWord]
	seen  [cacheSlots]atomic.Uint32
}

type cachedWord struct {
	key  string
	toks []tok
}

func newWordCache() *wordCache { return &wordCache{seed: maphash.MakeSeed()} }

func (c *wordCache) find(w []byte) (toks []tok, hash uint64, ok bool) {
	hash = maphash.Bytes(c.seed, w)
	for _, at := range [2]uint64{hash % cacheSlots, hash >> 32 % cacheSlots} {
		if e := c.slots[at].Load(); e != nil && e.key == string(w) {
			return e.toks, hash, true
		}
	}
	return nil, hash, false
}

func (c *wordCache) keep(w []byte, hash uint64, toks []tok) {
	mark := uint32(hash>>16) | 1
	if at := &c.seen[hash%cacheSlots]; at.Load() != mark {
		at.Store(mark)
		return
	}
	at := hash % cacheSlots
	if second := hash >> 32 % cacheSlots; c.slots[at].Load() != nil && c.slots[second].Load() == nil {
		at = second
	}
	c.slots[at].Store(&cachedWord{key: string(w), toks: append([]tok(nil), toks...)})
}
