package audio

import (
	"encoding/binary"
	"math"
	"strconv"
)

// SampleFormat is how a file stores a sample. Integers map to floats with their
// lowest value at -1, so the highest is a step below 1.
type SampleFormat int

const (
	PCM16   SampleFormat = iota // signed integers of 16 bits
	PCM24                       // signed integers of 24 bits
	Float32                     // IEEE floats of 32 bits, as they are
	PCM8                        // unsigned integers of 8 bits, silence at 128
	PCM32                       // signed integers of 32 bits, rounded to float32
	Float64                     // IEEE floats of 64 bits, rounded to float32
	ALaw                        // 8 bits, logarithmic: ITU-T G.711, European telephony
	MuLaw                       // 8 bits, logarithmic: ITU-T G.711, American telephony
	Coded                       // no samples but a code of many: MP3, Vorbis, Opus
	sampleFormats
)

var (
	sampleFormatNames = [sampleFormats]string{
		"pcm16", "pcm24", "float32", "pcm8", "pcm32", "float64", "alaw", "mulaw", "coded",
	}
	sampleFormatBytes = [sampleFormats]int{2, 3, 4, 1, 4, 8, 1, 1, 0}
)

func (f SampleFormat) known() bool { return 0 <= f && f < sampleFormats }

// String returns the name in lower case, such as "pcm16".
func (f SampleFormat) String() string {
	if !f.known() {
		return "SampleFormat(" + strconv.Itoa(int(f)) + ")"
	}
	return sampleFormatNames[f]
}

// MarshalText returns String.
func (f SampleFormat) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Bytes returns the size of a sample, 0 for Coded and for an unknown format.
func (f SampleFormat) Bytes() int {
	if !f.known() {
		return 0
	}
	return sampleFormatBytes[f]
}

// decode turns little-endian samples into floats and returns how many were not
// finite and became 0. b holds the samples of dst exactly.
func (f SampleFormat) decode(dst []float32, b []byte) (nonFinite int) {
	switch f {
	case PCM8:
		for i := range dst {
			dst[i] = float32(int(b[i])-128) * (1.0 / 128)
		}
	case PCM16:
		for i := range dst {
			dst[i] = float32(int16(binary.LittleEndian.Uint16(b[2*i:]))) * (1.0 / (1 << 15))
		}
	case PCM24:
		for i := range dst {
			s := b[3*i:][:3]
			v := int32(s[0])<<8 | int32(s[1])<<16 | int32(s[2])<<24 // the sign is in place
			dst[i] = float32(v) * (1.0 / (1 << 31))
		}
	case PCM32:
		for i := range dst {
			dst[i] = float32(int32(binary.LittleEndian.Uint32(b[4*i:]))) * (1.0 / (1 << 31))
		}
	case ALaw:
		for i := range dst {
			dst[i] = aLawTable[b[i]]
		}
	case MuLaw:
		for i := range dst {
			dst[i] = muLawTable[b[i]]
		}
	case Float32:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
		return clearNonFinite(dst)
	case Float64:
		for i := range dst {
			dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])))
		}
		return clearNonFinite(dst)
	}
	return 0
}

// clearNonFinite replaces NaN and infinities by 0 and returns their number.
func clearNonFinite(x []float32) (n int) {
	for i, v := range x {
		if v-v != 0 {
			x[i] = 0
			n++
		}
	}
	return n
}
