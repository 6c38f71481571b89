// Package picture draws graphs as SVG and PNG: nodes in the colours of their groups
// and as large as their scores, edges as wide as their weights, and as many labels
// as there is room for.
//
//	l, err := graph.ForceLayout(ctx, g, graph.ForceLayoutOptions{})
//	c, err := graph.Leiden(ctx, g, graph.LeidenOptions{})
//	err = picture.WriteSVG(w, g, l, picture.Options[string]{Groups: c.Labels})
//
// Both formats show the same drawing. It is a package of its own since package graph
// links no pictures and no fonts.
//
// The nine colours stay apart for people who do not see all colours; they are the
// muted scheme of Paul Tol, Colour Schemes, SRON 2021. The nine groups with the most
// nodes have one each, further groups are grey.
//
// # Limits
//
// Drawings of more than some thousand nodes are clouds. A PNG writes labels in Latin,
// Greek and Cyrillic letters, with a box for others, and all from left to right; an
// SVG leaves letters to the program that shows it, in which a label may be a little
// wider than its room.
package picture
