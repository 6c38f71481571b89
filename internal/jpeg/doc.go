// Package jpeg decodes JPEG, baseline and progressive, into planes of samples, whole
// or at a half, a quarter or an eighth of the size (ITU-T T.81, JFIF 1.02):
//
//	p, err := jpeg.Decode(ctx, data, jpeg.Options{Scale: 4})
//	luma := p.Planes[0] // Pix, Stride, Width, Height
//
// A smaller scale keeps the lower frequencies of each block of 8 by 8, which costs
// less than decoding all and gives means without aliasing: of a block of which only the
// lowest are wanted, the codes of the others are passed several at a time.
//
// # Accuracy
//
// At full size samples differ by at most 1 from the transform in exact arithmetic,
// as those of other decoders do.
//
// # Limits
//
// It takes as much memory as the header claims: the caller compares the header with
// his limits first. Samples have 8 bits; lossless, hierarchical and arithmetic coded
// files and more than four components are refused. The result of a file whose last
// scans are missing is what its scans say; data that ends inside of a scan is an
// error. Colours are left as they are stored.
package jpeg
