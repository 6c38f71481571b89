package english

import (
	"encoding/binary"
	"errors"
	"maps"
	"math/bits"
	"slices"
)

// Bits of an entry of the lexicon: the lists that a word, or words with single
// spaces between, stand in.
const (
	GivenName = 1 << iota // a frequent first name of people
	Surname               // a frequent last name
	Place                 // a city, country, region, river, mountain
	PlacePart             // the first word of a place of more words
	Group                 // an organisation or other group of people
	Person                // the last word of a well-known person's name
	Common                // a word of the dictionary in lower case
)

// Entry is what the lexicon knows about a word.
type Entry struct {
	Cluster uint16 // words used alike have one number; 0 is no cluster
	Lists   uint8  // the bits above
}

// Lexicon maps folded words, by their hashes, to entries. Use [LoadLexicon]. It is
// safe for concurrent use.
type Lexicon struct {
	shift  int
	slots  []lexeme
	coarse [maxCluster]uint8
}

type lexeme struct {
	key uint32 // 0 in an empty slot
	Entry
}

const (
	maxCluster     = 1 << 10
	lexiconVersion = 1
)

// Entry returns the entry of a word by its hash, or the zero entry.
func (x *Lexicon) Entry(hash uint32) Entry {
	mask := uint32(len(x.slots) - 1)
	for i := hash * 0x85EBCA6B >> x.shift; ; i++ {
		s := &x.slots[i&mask]
		if s.key == hash || s.key == 0 {
			return s.Entry
		}
	}
}

// Coarse returns the group of clusters that a cluster is in, 0 for none.
func (x *Lexicon) Coarse(cluster uint16) uint8 { return x.coarse[cluster%maxCluster] }

// LexiconData is the content of a lexicon: the entries by the hash of the word or
// words, and the coarse group of each cluster.
type LexiconData struct {
	Entries map[uint32]Entry
	Coarse  [maxCluster]uint8
}

// Pack returns the bytes of the lexicon for [LoadLexicon]: the version, the coarse
// groups, the number of entries, and for each the difference to the key before, the
// cluster and the lists.
func (d LexiconData) Pack() []byte {
	out := []byte{lexiconVersion}
	out = append(out, d.Coarse[:]...)
	out = binary.AppendUvarint(out, uint64(len(d.Entries)))
	last := uint32(0)
	for _, key := range slices.Sorted(maps.Keys(d.Entries)) {
		e := d.Entries[key]
		out = binary.AppendUvarint(out, uint64(key-last))
		out = binary.AppendUvarint(out, uint64(e.Cluster))
		out = append(out, e.Lists)
		last = key
	}
	return out
}

var errLexicon = errors.New("english: not a lexicon of this version")

// LoadLexicon reads a lexicon from the bytes that [LexiconData.Pack] returned. It
// keeps no reference to them.
func LoadLexicon(data []byte) (*Lexicon, error) {
	if len(data) < 1+maxCluster || data[0] != lexiconVersion {
		return nil, errLexicon
	}
	x := &Lexicon{coarse: [maxCluster]uint8(data[1:])}
	rest := data[1+maxCluster:]
	n, size := binary.Uvarint(rest)
	if size <= 0 || n > uint64(len(rest))/3 {
		return nil, errLexicon
	}
	rest = rest[size:]
	x.shift = 32 - bits.Len(uint(2*n))
	x.slots = make([]lexeme, 1<<(32-x.shift))
	key := uint64(0)
	for range n {
		delta, a := binary.Uvarint(rest)
		cluster, b := binary.Uvarint(rest[max(a, 0):])
		key += delta
		if a <= 0 || b <= 0 || len(rest) <= a+b || delta == 0 || key >= 1<<32 || cluster >= maxCluster {
			return nil, errLexicon
		}
		x.insert(uint32(key), Entry{uint16(cluster), rest[a+b]})
		rest = rest[a+b+1:]
	}
	if len(rest) > 0 {
		return nil, errLexicon
	}
	return x, nil
}

func (x *Lexicon) insert(key uint32, e Entry) {
	mask := uint32(len(x.slots) - 1)
	i := key * 0x85EBCA6B >> x.shift
	for x.slots[i&mask].key != 0 {
		i++
	}
	x.slots[i&mask] = lexeme{key, e}
}
