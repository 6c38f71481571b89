package vorbis

// orders tell for three to eight channels which one of the packet comes next in the order
// of WAV and FLAC: left, right, centre, subwoofer, then those at the back and at the sides
// (Vorbis I, 4.3.9).
var orders = [...][]int{
	3: {0, 2, 1},
	5: {0, 2, 1, 3, 4},
	6: {0, 2, 1, 5, 3, 4},
	7: {0, 2, 1, 6, 5, 3, 4},
	8: {0, 2, 1, 7, 5, 6, 3, 4},
}

// places returns where each channel of the packet goes.
func places(channels int) []int {
	p := make([]int, channels)
	for i := range p {
		p[i] = i
	}
	if channels < len(orders) {
		for to, from := range orders[channels] {
			p[from] = to
		}
	}
	return p
}
