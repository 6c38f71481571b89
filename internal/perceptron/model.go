package perceptron

// Model is a linear classifier. Use [Load]. It is safe for concurrent use.
type Model struct {
	labels int
	shift  int // a slot's place is the top bits of the hash
	slots  []slot
	cells  []weight
	words  int      // of a row of full
	full   []uint64 // rows of a lane of 16 bits for each label: its weight and 128
	known  [knownBits / 64]uint64
}

// slot holds the weights of one feature.
type slot struct {
	key   uint32
	where uint32 // where << 8 they begin in cells, and how many there are; or fullRow
}

type weight struct {
	label uint8
	value int8
}

const (
	whereShift = 8
	countMask  = 1<<whereShift - 1
	fullRow    = countMask // the weights are a row of full
	laneBits   = 16
	lanes      = 64 / laneBits
	laneBias   = 128

	// known has a bit for the hash of each feature. It is small enough for the
	// second level of cache, and tells most features apart that have no weight.
	knownBits  = 1 << 20
	knownShift = 12
)

// Scores are the scores of the labels while features are added. The zero value has
// none.
type Scores struct {
	single [256]int32 // of weights added one by one; a label is a byte: no index needs a check
	lanes  [256 / lanes]uint64
	rows   int32 // added to lanes
	total  [256]int32
}

// maxRows is how many rows fit the lanes without a carry from one into the next.
const maxRows = 1<<laneBits/256 - 1

// Labels returns the number of labels.
func (m *Model) Labels() int { return m.labels }

// Features returns the number of features that have a weight.
func (m *Model) Features() (n int) {
	for _, s := range m.slots {
		if s.where != 0 {
			n++
		}
	}
	return n
}

// Score returns the sums of the weights of the features, by label; they are valid
// until the next call with s.
func (m *Model) Score(s *Scores, features []uint32) []int32 {
	clear(s.single[:m.labels])
	clear(s.total[:m.labels])
	clear(s.lanes[:m.words])
	s.rows = 0
	for _, f := range features {
		m.add(s, f)
	}
	m.flush(s)
	total := s.total[:m.labels]
	for i := range total {
		total[i] += s.single[i]
	}
	return total
}

// add adds the weights of a feature. Weights of many labels are in a row, which is
// added four lanes at a time: all are positive, so that no lane borrows.
func (m *Model) add(s *Scores, feature uint32) {
	where := m.find(feature)
	at := where >> whereShift
	switch n := where & countMask; n {
	case 0:
	case fullRow:
		if s.rows == maxRows {
			m.flush(s)
		}
		s.rows++
		row := m.full[at : int(at)+m.words]
		sums := s.lanes[:len(row)]
		for i, w := range row {
			sums[i] += w
		}
	default:
		for _, w := range m.cells[at : at+n] {
			s.single[w.label] += int32(w.value)
		}
	}
}

// flush moves what is in the lanes to the totals.
func (m *Model) flush(s *Scores) {
	bias := s.rows * laneBias
	for i := range s.total[:m.labels] {
		lane := s.lanes[i/lanes] >> (i % lanes * laneBits) & (1<<laneBits - 1)
		s.total[i] += int32(lane) - bias
	}
	clear(s.lanes[:m.words])
	s.rows = 0
}

// Only returns the label of a feature that speaks for no other; see [Trainer.Fix].
func (m *Model) Only(feature uint32) (label int, ok bool) {
	where := m.find(feature)
	if where&countMask != 1 {
		return 0, false
	}
	return int(m.cells[where>>whereShift].label), true
}

// find returns where the weights of a feature are, or 0.
func (m *Model) find(feature uint32) uint32 {
	if bit := place(feature, knownShift); m.known[bit/64]>>(bit%64)&1 == 0 {
		return 0
	}
	mask := uint32(len(m.slots) - 1)
	for i := place(feature, m.shift); ; i++ {
		s := m.slots[i&mask]
		if s.key == feature || s.where == 0 {
			return s.where
		}
	}
}

// insert adds a feature whose weights are the last ones of cells, from from on.
func (m *Model) insert(key uint32, from int) {
	bit := place(key, knownShift)
	m.known[bit/64] |= 1 << (bit % 64)
	mask := uint32(len(m.slots) - 1)
	i := place(key, m.shift)
	for m.slots[i&mask].where != 0 {
		i++
	}
	n := len(m.cells) - from
	m.slots[i&mask] = slot{key, uint32(from<<whereShift | n)}
	if n <= max(2, m.words/2+1) {
		return
	}
	at := len(m.full)
	for range m.words {
		m.full = append(m.full, laneBias*(1|1<<laneBits|1<<(2*laneBits)|1<<(3*laneBits)))
	}
	for _, w := range m.cells[from:] {
		m.full[at+int(w.label)/lanes] += uint64(int64(w.value)) << (w.label % lanes * laneBits)
	}
	m.cells = m.cells[:from]
	m.slots[i&mask].where = uint32(at<<whereShift | fullRow)
}

// place spreads the keys once more: hashes of one template share low bits often.
func place(key uint32, shift int) uint32 { return (key * 0x85EBCA6B) >> shift }
