package vision

import "math"

// square is a part of a picture that the model looks at. It may reach outside.
type square struct{ x, y, side float64 }

// around returns the square around a picture of w by h, which is in its middle.
func around(w, h int) square {
	side := float64(max(w, h))
	return square{(float64(w) - side) / 2, (float64(h) - side) / 2, side}
}

// minTile is the side below which a tile shows the model nothing new: enlarged
// twice.
const minTile = faceSide / 2

// tilesOf returns squares of a half and a quarter of the longer side that cover a
// picture and overlap by a quarter at least, or more where the last would jut out.
func tilesOf(w, h int) (tiles []square) {
	for _, part := range []float64{2, 4} {
		side := math.Ceil(float64(max(w, h)) / part)
		if side < minTile {
			break
		}
		for _, y := range steps(float64(h), side) {
			for _, x := range steps(float64(w), side) {
				tiles = append(tiles, square{x, y, side})
			}
		}
	}
	return tiles
}

// steps returns where the tiles along an axis begin. An axis shorter than a tile
// has one, with the picture in its middle.
func steps(length, side float64) (at []float64) {
	if length <= side {
		return []float64{math.Floor((length - side) / 2)}
	}
	n := math.Ceil((length-side)/(0.75*side)) + 1
	for i := range int(n) {
		at = append(at, math.Round(float64(i)*(length-side)/(n-1)))
	}
	return at
}

// trusts reports whether a candidate is far enough from the edges of the tile that
// cut the picture: a face that is cut there is whole in another tile.
func (t square) trusts(c candidate, w, h int) bool {
	margin := 0.02 * t.side
	return (t.x <= 0 || c.box.x0 >= t.x+margin) &&
		(t.y <= 0 || c.box.y0 >= t.y+margin) &&
		(t.x+t.side >= float64(w) || c.box.x1 <= t.x+t.side-margin) &&
		(t.y+t.side >= float64(h) || c.box.y1 <= t.y+t.side-margin)
}
