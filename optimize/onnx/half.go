package onnx

import (
	"math"

	"github.com/quintet-ai/quintet/optimize"
)

// toHalf returns a float32 that was a float16 as one. Other numbers lose their
// low bits.
func toHalf(x float32) optimize.Half {
	b := math.Float32bits(x)
	sign, exp, frac := uint16(b>>16)&0x8000, int(b>>23&255)-127, b&(1<<23-1)
	switch {
	case exp == 128 && frac != 0:
		return optimize.Half(sign | 0x7e00 | uint16(frac>>13))
	case exp > 15:
		return optimize.Half(sign | 0x7c00)
	case exp >= -14:
		return optimize.Half(sign | uint16(exp+15)<<10 | uint16(frac>>13))
	case exp >= -24:
		return optimize.Half(sign | uint16((frac|1<<23)>>(-1-exp)))
	}
	return optimize.Half(sign)
}
