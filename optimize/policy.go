package optimize

import (
	"math"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Policy says which entry of a full [Cache] has to go.
type Policy int

const (
	// TwoQueue is 2Q (Johnson and Shasha, VLDB 1994) with the proportions of
	// golang-lru: an entry that was used once waits in a queue that takes a
	// quarter of the room; only its second use puts it among the frequent
	// ones. Its hit ratio is 3 to 7 points above LRU's on skewed traces and
	// a scan does not wash the cache out. It remembers the keys of evicted
	// entries, half as many as it has entries.
	TwoQueue Policy = iota

	// LRU evicts the least recently used entry.
	LRU
)

// store holds the entries of a cache and carries out its policy. It makes the
// choices of golang-lru's caches, entry for entry, but bounds nothing itself and
// knows what it evicts, which a bound in bytes needs. It is not safe for
// concurrent use.
type store[K comparable, E any] struct {
	policy   Policy
	capacity int                         // in entries; 0 if only bytes are bounded
	recent   *simplelru.LRU[K, E]        // used once; always empty for LRU
	frequent *simplelru.LRU[K, E]        // used again; for LRU, all
	ghosts   *simplelru.LRU[K, struct{}] // keys that fell out of recent
}

func newStore[K comparable, E any](p Policy, capacity int) *store[K, E] {
	return &store[K, E]{p, capacity, newList[K, E](), newList[K, E](), newList[K, struct{}]()}
}

// newList returns a list without a bound of its own.
func newList[K comparable, E any]() *simplelru.LRU[K, E] {
	l, err := simplelru.NewLRU[K, E](math.MaxInt, nil)
	if err != nil {
		panic("optimize: " + err.Error()) // only a size below 1 is refused
	}
	return l
}

// use looks k up and counts the use.
func (s *store[K, E]) use(k K) (E, bool) {
	if e, ok := s.frequent.Get(k); ok || s.policy == LRU {
		return e, ok
	}
	e, ok := take(s.recent, k)
	if ok {
		s.frequent.Add(k, e)
	}
	return e, ok
}

// replace puts e for k if k is stored, which counts as a use, and returns what
// was there.
func (s *store[K, E]) replace(k K, e E) (old E, ok bool) {
	if old, ok = s.use(k); ok {
		s.frequent.Add(k, e)
	}
	return old, ok
}

// again reports whether k is remembered from before its eviction.
func (s *store[K, E]) again(k K) bool { return s.ghosts.Contains(k) }

// add puts e for k, which is not stored; again is what again(k) said before room
// was made.
func (s *store[K, E]) add(k K, e E, again bool) {
	if again || s.policy == LRU {
		s.ghosts.Remove(k)
		s.frequent.Add(k, e)
		return
	}
	s.recent.Add(k, e)
}

// evict drops the entry that makes room for a key that is, or is not, remembered.
func (s *store[K, E]) evict(again bool) (E, bool) {
	size := s.capacity
	if size == 0 {
		size = s.len()
	}
	n, quarter := s.recent.Len(), size/4
	if n > 0 && (n > quarter || n == quarter && !again) {
		k, e, ok := s.recent.RemoveOldest()
		s.ghosts.Add(k, struct{}{})
		for s.ghosts.Len() > max(size/2, 1) {
			s.ghosts.RemoveOldest()
		}
		return e, ok
	}
	if _, e, ok := s.frequent.RemoveOldest(); ok {
		return e, true
	}
	_, e, ok := s.recent.RemoveOldest() // fewer than four entries have room
	return e, ok
}

// remove drops k.
func (s *store[K, E]) remove(k K) (E, bool) {
	if e, ok := take(s.frequent, k); ok {
		return e, true
	}
	return take(s.recent, k)
}

func (s *store[K, E]) len() int { return s.recent.Len() + s.frequent.Len() }

// each calls f for every entry without counting a use.
func (s *store[K, E]) each(f func(K, E)) {
	for _, l := range []*simplelru.LRU[K, E]{s.recent, s.frequent} {
		for _, k := range l.Keys() {
			if e, ok := l.Peek(k); ok {
				f(k, e)
			}
		}
	}
}

// take removes k and returns what it held.
func take[K comparable, E any](l *simplelru.LRU[K, E], k K) (E, bool) {
	e, ok := l.Peek(k)
	if ok {
		l.Remove(k)
	}
	return e, ok
}
