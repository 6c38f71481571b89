package main

// kernel describes one kernel: its Go signature and what it does with one vector
// of each slice.
type kernel struct {
	name    string
	slices  []string // the first gives the length
	scalars []string
	results []result
	unroll  int // vectors a round, each with accumulators of its own; 0 is 1
	body    func(b *builder)
}

// result is an accumulator that starts at init in every lane and is combined
// with op: over vectors, over lanes and over blocks.
type result struct {
	name string
	op   string // "add", "max", "min" (NaN wins), "maxAny" (NaN may be lost)
}

func (r result) init() float64 {
	switch r.op {
	case "max", "maxAny":
		return negInf
	case "min":
		return posInf
	}
	return 0
}
