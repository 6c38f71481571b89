package picture

import "github.com/quintet-ai/quintet/graph"

// Box is the rectangle of a label.
type Box struct{ X0, Y0, X1, Y1 float64 }

// LabelBoxes returns the rectangles of the labels of a drawing.
func LabelBoxes[K comparable](g *graph.Graph[K], l *graph.Layout[K], o Options[K]) ([]Box, error) {
	s, err := newScene(g, l, o)
	if err != nil {
		return nil, err
	}
	face, err := newFace(s.font, rulerSize)
	if err != nil {
		return nil, err
	}
	var out []Box
	for _, l := range s.labels {
		x, y := l.at.X, l.at.Y+0.25*l.size
		out = append(out, Box{x, y - 1.2*l.size, x + ruler{face}.width(l.text, l.size), y})
	}
	return out, nil
}
