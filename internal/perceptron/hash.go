package perceptron

// Mix returns the hash h with v mixed in.
func Mix(h, v uint32) uint32 {
	h = (h ^ v) * 0x9E3779B1
	return h ^ h>>15
}

// Seed begins a hash of bytes for [MixByte].
const Seed = 2166136261

// MixByte returns the hash h with b mixed in: one step of FNV-1a.
func MixByte(h uint32, b byte) uint32 { return (h ^ uint32(b)) * 16777619 }
