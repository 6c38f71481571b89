//go:build cgo

package onnx_test

import (
	"image"
	_ "image/jpeg" // the photographs
	_ "image/png"  // the lines of text
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// shared is a file of the evaluation data that stands beside this repository.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no %s: %v", name, err)
	}
	return path
}

func picture(t *testing.T, name string) image.Image {
	t.Helper()
	f, err := os.Open(shared(t, name))
	require.NoError(t, err)
	defer f.Close()
	m, _, err := image.Decode(f)
	require.NoError(t, err)
	return m
}

// sample returns red, green and blue of an area of m, 0 to 255, scaled to w x h
// by bilinear interpolation; outside m all is black.
func sample(m image.Image, area image.Rectangle, w, h int) (rgb [3][]float32) {
	at := func(x, y int) (c [3]float64) {
		if (image.Point{X: x, Y: y}).In(m.Bounds()) {
			r, g, b, _ := m.At(x, y).RGBA()
			c = [3]float64{float64(r) / 257, float64(g) / 257, float64(b) / 257}
		}
		return c
	}
	for y := range h {
		v := (float64(y)+0.5)*float64(area.Dy())/float64(h) - 0.5 + float64(area.Min.Y)
		for x := range w {
			u := (float64(x)+0.5)*float64(area.Dx())/float64(w) - 0.5 + float64(area.Min.X)
			x0, y0 := int(math.Floor(u)), int(math.Floor(v))
			du, dv := u-float64(x0), v-float64(y0)
			a, b, c, d := at(x0, y0), at(x0+1, y0), at(x0, y0+1), at(x0+1, y0+1)
			for k := range rgb {
				rgb[k] = append(rgb[k], float32((1-dv)*((1-du)*a[k]+du*b[k])+dv*((1-du)*c[k]+du*d[k])))
			}
		}
	}
	return rgb
}
