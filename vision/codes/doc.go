// Package codes reads and draws QR codes, Data Matrix codes and bar codes, with
// github.com/makiuchi-d/gozxing:
//
//	r, err := codes.New(codes.Options{})
//	found, err := r.Run(ctx, vision.Picture{Data: data})
//	fmt.Println(found[0].Format, found[0].Text)
//
// It is a module of its own, so that nobody else downloads gozxing. It adds what package
// vision does for every picture: limits that are held against its header, orientation,
// contexts, and no panic that leaves it.
//
// # Limits
//
// Of QR codes all are read, of each other format one in a picture. Codes that are light
// on dark, bent, blurred or smaller than about two pixels a module are not found. ITF,
// Codabar, Code 39 and UPC-E are found in pictures that have none of them, so they are
// looked for only if Formats names them. What a code says is the word of a stranger.
package codes
