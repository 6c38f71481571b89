package picture

import (
	"cmp"
	"image/color"
	"slices"
)

var (
	accent = rgb(0x33, 0x22, 0x88) // of graphs without groups
	grey   = rgb(0x99, 0x99, 0x99) // of lines between groups
	rest   = rgb(0xbb, 0xbb, 0xbb) // of groups without a colour
	ink    = rgb(0x22, 0x22, 0x22)
	paper  = rgb(0xff, 0xff, 0xff)
)

func rgb(r, g, b uint8) color.NRGBA { return color.NRGBA{R: r, G: g, B: b, A: 0xff} }

// Palette returns the colours of groups, that of the largest group first, in the
// form #rrggbb.
func Palette() []string {
	var out []string
	for _, c := range muted() {
		out = append(out, hex(c))
	}
	return out
}

// muted are the colours, those that differ most first.
func muted() []color.NRGBA {
	return []color.NRGBA{
		rgb(0x33, 0x22, 0x88), rgb(0xcc, 0x66, 0x77), rgb(0x44, 0xaa, 0x99), rgb(0xdd, 0xcc, 0x77),
		rgb(0x88, 0xcc, 0xee), rgb(0x88, 0x22, 0x55), rgb(0x11, 0x77, 0x33), rgb(0xaa, 0x44, 0x99),
		rgb(0x99, 0x99, 0x33),
	}
}

// colors gives groups their colours.
type colors map[int32]color.NRGBA

// paint gives the largest groups the colours, the first of equal ones first.
func paint(groups []int32) colors {
	sizes := map[int32]int{}
	var order []int32
	for _, g := range groups {
		if g < 0 {
			continue
		}
		if sizes[g]++; sizes[g] == 1 {
			order = append(order, g)
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(sizes[b], sizes[a]) })
	out := colors{}
	for i, c := range muted() {
		if i < len(order) {
			out[order[i]] = c
		}
	}
	return out
}

// of returns the colour of a node.
func (c colors) of(groups []int32, u int32) color.NRGBA {
	if groups == nil {
		return accent
	}
	if c, ok := c[groups[u]]; ok {
		return c
	}
	return rest
}

func hex(c color.NRGBA) string {
	const digits = "0123456789abcdef"
	out := []byte{'#'}
	for _, v := range [3]uint8{c.R, c.G, c.B} {
		out = append(out, digits[v>>4], digits[v&15])
	}
	return string(out)
}
