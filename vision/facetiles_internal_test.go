package vision

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTilesSeeEverySmallFaceWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][2]int{{1024, 768}, {512, 512}, {600, 6000}, {4000, 700}, {513, 511}, {1999, 1001}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			w, h := size[0], size[1]
			tiles := tilesOf(w, h)
			require.LessOrEqual(t, len(tiles), 34)
			smallest := tiles[len(tiles)-1].side
			for range 500 {
				side := rng.Float64() * 0.21 * smallest // the overlap without both margins
				x, y := rng.Float64()*(float64(w)-side), rng.Float64()*(float64(h)-side)
				c := candidate{box: frame{x, y, x + side, y + side}}
				seen := false
				for _, tile := range tiles {
					in := c.box.x0 >= tile.x && c.box.y0 >= tile.y && c.box.x1 <= tile.x+tile.side && c.box.y1 <= tile.y+tile.side
					seen = seen || tile.side == smallest && in && tile.trusts(c, w, h)
				}
				require.True(t, seen, "%v", c.box)
			}
		})
	}
}

func TestTilesAreNotSmallerThanTheModelCanUse(t *testing.T) {
	for size, want := range map[[2]int]int{{1, 1}: 0, {254, 254}: 0, {255, 9}: 3, {256, 256}: 9, {508, 508}: 9, {509, 509}: 34, {1024, 4}: 8} {
		tiles := tilesOf(size[0], size[1])
		require.Len(t, tiles, want, "%v", size)
		for _, tile := range tiles {
			require.GreaterOrEqual(t, tile.side, float64(minTile))
		}
	}
}

func TestAFaceThatATileCutsIsLeftToAnother(t *testing.T) {
	tile := square{100, 0, 100} // its right edge is inside of the picture, its top is not
	tests := map[string]struct {
		box  frame
		want bool
	}{
		"in the middle":           {frame{140, 40, 160, 60}, true},
		"at the left edge":        {frame{101, 40, 160, 60}, false},
		"beyond the right edge":   {frame{180, 40, 210, 60}, false},
		"at the bottom edge":      {frame{140, 40, 160, 99}, false},
		"at the picture's edge":   {frame{140, -5, 160, 20}, true},
		"just inside of a margin": {frame{102, 40, 198, 98}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, tile.trusts(candidate{box: tt.box}, 300, 300))
		})
	}
	require.True(t, around(300, 200).trusts(candidate{box: frame{-9, 0, 299, 250}}, 300, 200), "the whole picture cuts nothing")
}
