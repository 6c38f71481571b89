package vision

import (
	"encoding/binary"
	"image"
	"image/color"
)

// yCbCrRow converts a row to RGB with each chroma sample repeated.
func yCbCrRow(dst []uint8, m *image.YCbCr, y int) {
	c := chromaOf(m)
	row := (y + c.y0) / c.sy * m.CStride
	cb, cr := m.Cb[row:][:c.w], m.Cr[row:][:c.w]
	shift := c.sx / 2 // 1, 2, 4 to 0, 1, 2
	for x, l := range m.Y[y*m.YStride:][:len(dst)/4] {
		i := (x + c.x0) >> shift
		r, g, b := color.YCbCrToRGB(l, cb[i], cr[i])
		d := dst[4*x : 4*x+4 : 4*x+4]
		d[0], d[1], d[2], d[3] = r, g, b, 255
	}
}

func grayRow(dst, src []uint8) {
	for x, l := range src {
		d := dst[4*x : 4*x+4 : 4*x+4]
		d[0], d[1], d[2], d[3] = l, l, l, 255
	}
}

func cmykRow(dst, src []uint8) {
	for ; len(dst) >= 4 && len(src) >= 4; dst, src = dst[4:], src[4:] {
		dst[0], dst[1], dst[2] = color.CMYKToRGB(src[0], src[1], src[2], src[3])
		dst[3] = 255
	}
}

// straightRow divides colours by their alpha.
func straightRow(dst, src []uint8) {
	for ; len(dst) >= 4 && len(src) >= 4; dst, src = dst[4:], src[4:] {
		switch a := uint32(src[3]); a {
		case 255:
			copy(dst[:4], src)
		case 0:
			clear(dst[:4])
		default:
			for i, v := range src[:3] {
				dst[i] = uint8(min((uint32(v)*255+a/2)/a, 255))
			}
			dst[3] = uint8(a)
		}
	}
}

// gray16Row and highRow keep the high byte of each big-endian sample.
func gray16Row(dst, src []uint8) {
	for ; len(dst) >= 4 && len(src) >= 2; dst, src = dst[4:], src[2:] {
		dst[0], dst[1], dst[2], dst[3] = src[0], src[0], src[0], 255
	}
}

func highRow(dst, src []uint8) {
	for ; len(dst) >= 4 && len(src) >= 8; dst, src = dst[4:], src[8:] {
		dst[0], dst[1], dst[2], dst[3] = src[0], src[2], src[4], src[6]
	}
}

// straight64Row divides 16-bit colours by their alpha.
func straight64Row(dst, src []uint8) {
	for ; len(dst) >= 4 && len(src) >= 8; dst, src = dst[4:], src[8:] {
		a := uint32(binary.BigEndian.Uint16(src[6:]))
		for i := range dst[:3] {
			v := uint32(binary.BigEndian.Uint16(src[2*i:]))
			if a != 0xffff && a != 0 {
				v = min(v*0xffff/a, 0xffff)
			}
			dst[i] = uint8(v >> 8)
		}
		dst[3] = uint8(a >> 8)
	}
}

// lumaOf weighs the colours of a row as JFIF does, in 16-bit fixed point, and
// lays them over white.
func lumaOf(dst, nrgba []uint8) {
	for x := range dst {
		p := nrgba[4*x : 4*x+4 : 4*x+4]
		l := (19595*uint32(p[0]) + 38470*uint32(p[1]) + 7471*uint32(p[2]) + 1<<15) >> 16
		if a := uint32(p[3]); a != 255 {
			l = (l*a + 255*(255-a) + 127) / 255
		}
		dst[x] = uint8(l)
	}
}
