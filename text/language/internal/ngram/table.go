package ngram

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// Step is the natural logarithm of the odds that one unit of weight stands for.
const Step = 0.5

// Weights are MinWeight to MaxWeight units. They are coded as levels from 0.
const (
	MinWeight = -11
	MaxWeight = 20
)

// MaxLanguages is the number of languages that one script may have.
const MaxLanguages = skip

// skip is the language of a byte that lowers the level and has no weight.
const skip = 63

// The table is a header, 2^b+1 offsets of buckets, the buckets and some padding. A
// bucket is the number of its keys, a word of 32 bits for each key, and the bytes
// of the keys. A word is 19 bits of the key's hash, a bit for a row, 5 bits of the
// first level of a list, and 7 bits of the number of bytes.
//
// A row has four bits for each language: how many levels it is above the worst that
// can be told, which is 15 levels below the best. A level is a unit, or two for keys
// of at most two symbols, so that they can exclude languages without such letters. A
// list has a byte for each language that it names: 2 bits by which the weight falls,
// 6 bits the language. It is in falling order of weight, so that few bits tell it.
const (
	magic      = "qng1"
	headerSize = len(magic) + 1
	padding    = 8 // so that a row can be read by words of 64 bits

	hashBits, levelBits, sizeBits = 19, 5, 7
	rowFlag                       = 1 << (levelBits + sizeBits)
)

// maxLevel is what four bits hold.
const maxLevel = 15

// coarse returns how many units a level of the row of a key stands for.
func coarse(k Key) int {
	if k.Order() <= 2 {
		return 2
	}
	return 1
}

// InRow returns the units that the row of a key holds for a language, if its best
// language has best and this one units.
func InRow(k Key, best, units int8) int8 {
	step := coarse(k)
	below := min((int(best)-int(units)+step/2)/step, maxLevel)
	return int8(int(best) - below*step)
}

// Table holds the weights of n-grams in languages. It reads its bytes in place.
type Table struct {
	shift   uint // of a hash, to its bucket
	offsets string
	buckets string
}

var errTable = errors.New("ngram: not a table")

// Open returns the table packed in data, which it keeps. It checks that every
// offset is in range, so that no lookup leaves data.
func Open(data string) (*Table, error) {
	if len(data) < headerSize || data[:len(magic)] != magic || data[len(magic)] > 24 {
		return nil, errTable
	}
	n := 1 << data[len(magic)]
	size := 4 * (n + 1)
	if len(data) < headerSize+size+padding {
		return nil, errTable
	}
	t := &Table{64 - uint(data[len(magic)]), data[headerSize : headerSize+size], data[headerSize+size:]}
	if t.offset(0) != 0 || t.offset(n) != len(t.buckets)-padding {
		return nil, errTable
	}
	for i := range n {
		if !t.sound(t.offset(i), t.offset(i+1)) {
			return nil, errTable
		}
	}
	return t, nil
}

// sound reports whether a bucket holds what its words say.
func (t *Table) sound(start, end int) bool {
	if start >= end || end > len(t.buckets)-padding {
		return false
	}
	keys := int(t.buckets[start])
	size := 1 + 4*keys
	for i := 0; i < keys && start+size <= end; i++ {
		w := word(t.buckets, start+1+4*i)
		bytes := int(w & (1<<sizeBits - 1))
		if w&rowFlag != 0 && bytes > RowSize(MaxLanguages) {
			return false
		}
		size += bytes
	}
	return start+size == end
}

func (t *Table) offset(i int) int { return int(word(t.offsets, 4*i)) }

// word reads 32 bits.
func word(s string, i int) uint32 {
	s = s[i : i+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// mix spreads a key over 64 bits.
func mix(k Key) uint64 {
	h := uint64(k) * 0x9e3779b97f4a7c15
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	return h ^ h>>32
}

// Sums are the sums of the weights of languages, up to a number that is the same
// for all. Those of rows are kept by 8 bits, 8 to a word, until they could overflow.
type Sums struct {
	total [64]int32
	lanes [8]uint64
	held  int // rows in lanes, coarse ones counted twice
}

// maxHeld levels of rows fit the 8 bits.
const maxHeld = 255 / maxLevel

// Of returns the sum of a language, after a call of Flush.
func (s *Sums) Of(language int) int32 { return s.total[language] }

// Flush brings the sums up to date.
func (s *Sums) Flush() {
	for i, lane := range s.lanes {
		for j := range 8 {
			s.total[16*(i/2)+2*j+i%2] += int32(lane >> (8 * j) & 0xff)
		}
	}
	s.lanes, s.held = [8]uint64{}, 0
}

func (s *Sums) addRow(row string, step int) {
	const low = 0x0f0f0f0f0f0f0f0f
	if s.held += step; s.held > maxHeld {
		s.Flush()
		s.held = step
	}
	for i := 0; 8*i+8 <= len(row) && 2*i+1 < len(s.lanes); i++ {
		w := uint64(word(row, 8*i)) | uint64(word(row, 8*i+4))<<32
		s.lanes[2*i] += w & low << (step - 1)
		s.lanes[2*i+1] += w >> 4 & low << (step - 1)
	}
}

func (s *Sums) addList(list string, weight int32) {
	for i := range len(list) {
		b := list[i]
		if language := b & 63; language != skip {
			weight -= int32(b >> 6)
			s.total[language] += weight
		} else {
			weight -= 4 * int32(b>>6+1)
		}
	}
}

// Add adds the weights of k to the sums of its languages and reports whether the
// table has k. One key in some 100,000 that it has not is taken for another.
func (t *Table) Add(k Key, sums *Sums) bool {
	h := mix(k)
	at := t.offset(int(h >> t.shift))
	keys := int(t.buckets[at])
	words := t.buckets[at+1 : at+1+4*keys]
	at += 1 + 4*keys
	for len(words) >= 4 {
		w := word(words, 0)
		size := int(w & (1<<sizeBits - 1))
		if w>>(1+levelBits+sizeBits) != uint32(h)&(1<<hashBits-1) {
			at += size
			words = words[4:]
			continue
		}
		if w&rowFlag != 0 {
			// What follows the row is added to languages that there are not.
			sums.addRow(t.buckets[at:at+(size+7)&^7], coarse(k))
		} else {
			sums.addList(t.buckets[at:at+size], int32(w>>sizeBits&(1<<levelBits-1))+MinWeight)
		}
		return true
	}
	return false
}

// Weight is the weight of a key in a language of its script.
type Weight struct {
	Language uint8
	Units    int8
}

// Entry is a key with its weights, in falling order. If they are those of all
// languages of the script they make a row, which holds what [InRow] says.
type Entry struct {
	Key       Key
	Weights   []Weight
	Languages int // of the script
}

// Pack makes the bytes of a table. Of two keys that the table cannot tell apart,
// which is rare, the later entry is left out; left is their number.
func Pack(entries []Entry) (data []byte, left int) {
	b := max(0, bits.Len(uint(len(entries)/4))-1)
	buckets := make([][]int, 1<<b)
	for i, e := range entries {
		h := mix(e.Key)
		place := &buckets[h>>(64-b)]
		twin := false
		for _, j := range *place {
			twin = twin || uint32(mix(entries[j].Key))&(1<<hashBits-1) == uint32(h)&(1<<hashBits-1)
		}
		if twin || len(*place) == 255 {
			left++
			continue
		}
		*place = append(*place, i)
	}
	data = append([]byte(magic), byte(b))
	var body []byte
	for _, in := range buckets {
		data = binary.LittleEndian.AppendUint32(data, uint32(len(body)))
		body = append(body, byte(len(in)))
		var bytes []byte
		for _, i := range in {
			start := len(bytes)
			w := uint32(mix(entries[i].Key)) & (1<<hashBits - 1) << (1 + levelBits + sizeBits)
			if e := entries[i]; len(e.Weights) == e.Languages {
				bytes = appendRow(bytes, e.Key, e.Weights)
				w |= rowFlag
			} else {
				bytes = AppendList(bytes, e.Weights)
				w |= uint32(e.Weights[0].Units-MinWeight) << sizeBits
			}
			body = binary.LittleEndian.AppendUint32(body, w|uint32(len(bytes)-start))
		}
		body = append(body, bytes...)
	}
	data = binary.LittleEndian.AppendUint32(data, uint32(len(body)))
	return append(append(data, body...), make([]byte, padding)...), left
}

// RowSize is the number of bytes of a row.
func RowSize(languages int) int { return (languages + 1) / 2 }

func appendRow(row []byte, k Key, weights []Weight) []byte {
	start := len(row)
	row = append(row, make([]byte, RowSize(len(weights)))...)
	for _, w := range weights {
		best := weights[0].Units
		level := maxLevel - (int(best)-int(InRow(k, best, w.Units)))/coarse(k)
		row[start+int(w.Language/2)] |= byte(level << (w.Language % 2 * 4))
	}
	return row
}

// AppendList appends the bytes of a list of weights, which are in falling order.
func AppendList(list []byte, weights []Weight) []byte {
	last := int(weights[0].Units)
	for _, w := range weights {
		fall := last - int(w.Units)
		last = int(w.Units)
		for fall > 3 {
			n := min(fall/4, 4)
			list = append(list, byte(n-1)<<6|skip)
			fall -= 4 * n
		}
		list = append(list, byte(fall)<<6|w.Language)
	}
	return list
}
