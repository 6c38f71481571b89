// Package vision reads pictures safely and tells what can be seen without a
// model: size, light and sharpness, dominant colours, and perceptual hashes that
// find copies.
//
//	p, err := vision.New(vision.Options{})
//	r, err := p.Run(ctx, vision.Picture{ID: "a.jpg", Data: data})
//	fmt.Println(r.Properties.Width, r.Hashes.Perceptual, r.Colors[0].Color)
//
// The parts work alone, without a context or a runtime: [Inspect] and [Decode]
// for files; [Resize] and [Thumbnail]; [Measure], [LumaHistogram],
// [PerceptualHashes] and [Dominant] for any image.Image. All functions are safe
// for concurrent use.
//
// # Decoding
//
// A 270-byte JPEG can make a decoder reserve 20 GB. Here the header is read first,
// by this package, and held against [Limits] and against the file itself: a
// header that claims more pixels than its bytes can code is refused, in
// microseconds and without memory for them. Only then one of the decoders of
// image/jpeg, image/png, image/gif and golang.org/x/image/webp is called by name,
// never by package image's registry; a panic of theirs becomes an error. EXIF
// orientation is applied. Palette indexes are checked.
//
// # Limits
//
// There is no decoder for TIFF, BMP, HEIC, AVIF, JPEG XL, animated WebP, or JPEG
// that is lossless, arithmetic coded or of 12 bits. Of an animation only the
// first frame is read. Colour profiles are ignored: samples count as sRGB.
// Analysis works on 8 bits a channel, whatever the file holds. A decoder that
// has begun cannot be cancelled.
//
// A lossless WebP of one colour takes some twenty bytes at any size, so it can
// honestly claim all that the limits allow. Peak memory is what MaxMemory says,
// plus the file, plus about a dozen rows and 2 MB for the analysis, for each
// worker of the runtime. A 50-megapixel baseline JPEG fits the default, a
// progressive one ends at 35 megapixels (4:2:0).
package vision
