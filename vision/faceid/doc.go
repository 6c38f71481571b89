// Package faceid tells whether faces in pictures are those of one person, with a network
// of the caller's:
//
//	e, err := faceid.New(faceid.Options{Model: model})
//	faces, err := detector.Run(ctx, picture)
//	vectors, err := e.Run(ctx, faceid.Portraits{Picture: picture, Faces: faces})
//	same, err := faceid.Cosine(vectors[0], vectors[1])
//
// An [Embedder] turns each face upright and to the size that such networks were
// trained with ([Align]), and makes a vector of it. [Cosine] compares two, a [Gallery]
// finds the names of known people, [Cluster] groups faces without names.
//
// It is a package of its own so that nobody uses it without wanting to: vectors of faces
// are biometric data, which in many places must not be made without consent. No network
// comes with it. Most published ones were trained on pictures of people who were
// not asked; look at the licences of a network and of its data.
//
// # Limits
//
// No published network was at hand: alignment, arithmetic and clusters are tested on
// generated pictures, graphs and vectors with known answers, recognition is not. What
// score means one person depends on the network: measure it on pairs of your own with
// [Threshold] before you trust the default. Errors differ between groups of people more
// than averages tell.
package faceid
