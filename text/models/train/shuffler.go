package main

// shuffler orders samples anew for each pass, always in the same way.
type shuffler struct {
	order []int
	state uint64
}

func newShuffler(n int) *shuffler {
	s := &shuffler{order: make([]int, n), state: 1}
	for i := range s.order {
		s.order[i] = i
	}
	return s
}

// next returns the next order; it is valid until the next call.
func (s *shuffler) next() []int {
	for i := len(s.order) - 1; i > 0; i-- {
		s.state = s.state*6364136223846793005 + 1442695040888963407
		j := int((s.state >> 33) % uint64(i+1))
		s.order[i], s.order[j] = s.order[j], s.order[i]
	}
	return s.order
}
