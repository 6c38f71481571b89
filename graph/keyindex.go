package graph

import "math/bits"

// keyIndex finds the index of a node by its key. Small whole numbers stand in a
// table under themselves, which is several times as quick as a map and smaller;
// a graph of a file has the hash table of the file.
type keyIndex[K comparable] struct {
	same  int     // the whole numbers below it are their own index
	dense []int32 // index+1 of a whole number, 0 if it is no key
	byKey map[K]int32
	slots []int32 // index+1 at the hash of a key or the next free places; a power of two
	keys  []K     // of slots
}

// find returns the index of a key, and whether there is such a node.
func (x *keyIndex[K]) find(k K) (int32, bool) {
	if i, ok := whole(k); ok && i < uint64(x.same) {
		return int32(i), true
	} else if ok && i < uint64(len(x.dense)) {
		at := x.dense[i]
		return max(at-1, 0), at > 0
	}
	if x.slots != nil {
		return x.probe(k)
	}
	i, ok := x.byKey[k]
	return i, ok
}

// add enters a key that find does not find.
func (x *keyIndex[K]) add(k K, index int32) {
	if i, ok := whole(k); ok {
		if int(index) >= len(x.dense)/4 {
			x.grow(max(1024, 2*len(x.dense)))
		}
		if i < uint64(len(x.dense)) {
			x.dense[i] = index + 1
			return
		}
	}
	if x.byKey == nil {
		x.byKey = map[K]int32{}
	}
	x.byKey[k] = index
}

// grow makes the table longer, and takes the keys that fit from the map: it has
// room for at most eight times as many numbers as there are nodes.
func (x *keyIndex[K]) grow(n int) {
	dense := make([]int32, n)
	copy(dense, x.dense)
	for k, index := range x.byKey {
		if i, ok := whole(k); ok && i < uint64(n) {
			dense[i] = index + 1
			delete(x.byKey, k)
		}
	}
	x.dense = dense
}

// trim gives back the end of the table that holds nothing, or all of it if each
// number is its own index. Nothing is added from then on.
func (x *keyIndex[K]) trim() {
	n := len(x.dense)
	for n > 0 && x.dense[n-1] == 0 {
		n--
	}
	for x.same < n && x.dense[x.same] == int32(x.same+1) {
		x.same++
	}
	if x.same == n {
		x.dense = nil
		return
	}
	x.same, x.dense = 0, exactly(x.dense[:n])
}

// probe looks in the table of a file, which may lie: it ends after one round and
// returns a node only if the key is its own.
func (x *keyIndex[K]) probe(k K) (int32, bool) {
	mask := uint64(len(x.slots) - 1)
	at := hashKey(k)
	for range x.slots {
		i := x.slots[at&mask]
		switch {
		case i <= 0 || int(i) > len(x.keys):
			return 0, false
		case x.keys[i-1] == k:
			return i - 1, true
		}
		at++
	}
	return 0, false
}

// newSlots returns the table of keys that probe searches, at most half full.
func newSlots[K comparable](keys []K) []int32 {
	slots := make([]int32, slotCount(len(keys)))
	mask := uint64(len(slots) - 1)
	for i, k := range keys {
		at := hashKey(k) & mask
		for slots[at] != 0 {
			at = (at + 1) & mask
		}
		slots[at] = int32(i + 1)
	}
	return slots
}

func slotCount(keys int) int {
	if keys == 0 {
		return 0
	}
	return 2 << bits.Len(uint(keys-1))
}

// whole returns a key that is a whole number from 0.
func whole[K comparable](k K) (uint64, bool) {
	switch k := any(k).(type) {
	case int:
		return uint64(k), k >= 0
	case int64:
		return uint64(k), k >= 0
	case int32:
		return uint64(k), k >= 0
	}
	return 0, false
}

// hashKey is part of the format of files: FNV-1a of a text, and the last step of
// it on a number whose bits are mixed.
func hashKey[K comparable](k K) uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	switch k := any(k).(type) {
	case string:
		for i := range len(k) {
			h = (h ^ uint64(k[i])) * prime
		}
	case int:
		h ^= uint64(k) * prime
	case int64:
		h ^= uint64(k) * prime
	}
	h ^= h >> 32
	h *= 0x9e3779b97f4a7c15
	return h ^ h>>29
}
