// Package filters changes the look of pictures: it turns them by any angle, blurs,
// sharpens and adjusts them, by the filters of github.com/disintegration/imaging.
//
//	soft, err := filters.Blur(img, 2.5)
//	bright, err := filters.Adjust(img, filters.Adjustment{Brightness: 20, Contrast: 10})
//
// That library crashes the process on some pictures that hold indexes outside of
// their palette, from a goroutine of its own, and links decoders for formats that
// package vision does not trust. So it is kept out of package vision, and gets
// nothing but pixels that were checked and copied. All functions are safe for
// concurrent use and return new pictures whose upper left corner is (0, 0).
//
// # Limits
//
// It is several times slower than OpenCV: blurring a megapixel takes about a tenth
// of a second. Work is done on 8 bits a channel.
package filters
