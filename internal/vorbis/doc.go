// Package vorbis decodes packets of Vorbis I sound, as the specification of the Xiph.Org
// Foundation describes them (2020). Taking packets out of a container is the caller's
// business.
//
//	head, err := vorbis.ParseHead(first)
//	d, err := vorbis.New(head, third) // the second packet has comments
//	samples, err := d.Decode(packet)
//
// A packet holds a block of lines for each channel: a floor, which is a curve of straight
// pieces in decibels, times a residue, which is made of vectors from the codebooks of the
// third packet.
//
//   - Codes are looked up by their next ten bits; longer ones by a search.
//   - The inverse MDCT is a DCT-IV, which is a complex transform of half the length
//     between two rotations. The complex transform is two real ones of package fft,
//     which has kernels for them.
//   - Of a DCT-IV one half is what overlaps with the block before and the other what
//     overlaps with the next. Its symmetry gives two samples for four products.
//
// # Limits
//
// Setup headers are refused before anything is made for them if their codebooks hold
// more than two million numbers, ten times more than those of the reference encoder, or
// are no whole trees. Floors of type 0 are not read; nobody writes them since 2001.
package vorbis
