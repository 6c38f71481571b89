package postings

// list is the postings of one term.
type list struct {
	blocks []block
	bound      // of all blocks
	docs   int // that have the term and are not deleted
}

// add appends a posting, whose id is the highest, of a document of that length.
func (l *list) add(s *scorer, id uint32, weight, length float32) {
	if n := len(l.blocks); n == 0 || l.blocks[n-1].n == blockLen {
		l.blocks = append(l.blocks, block{})
	}
	b := &l.blocks[len(l.blocks)-1]
	b.add(id, weight)
	s.include(&b.bound, weight, length)
	s.include(&l.bound, weight, length)
	l.docs++
}

// each calls f with every posting.
func (l *list) each(f func(id uint32, weight float32)) {
	var p page
	for i := range l.blocks {
		n := l.blocks[i].read(&p)
		for j, id := range p.ids[:n] {
			f(id, p.weights[j])
		}
	}
}

func (l *list) postings() (n int) {
	for i := range l.blocks {
		n += int(l.blocks[i].n)
	}
	return n
}

// blockBytes and listBytes are the sizes of the structs, with what a map keeps for
// an entry.
const (
	blockBytes = 48
	listBytes  = 40 + 26
)

func (l *list) bytes() int64 {
	n := listBytes + cap(l.blocks)*blockBytes
	for i := range l.blocks {
		n += cap(l.blocks[i].data)
	}
	return int64(n)
}
