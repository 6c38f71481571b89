// Package mp3 decodes frames of MPEG Layer III sound: MPEG 1 (ISO/IEC 11172-3),
// MPEG 2 (ISO/IEC 13818-3) and its extension to low rates that is called MPEG 2.5.
//
//	var d mp3.Decoder
//	h, ok := mp3.ParseHeader(data)
//	samples, whole := d.Decode(nil, h, data[:h.Size])
//
// Finding frames in a stream, tags and gaps are the caller's business.
//
// A frame holds one or two granules of 576 lines for each channel. Each goes
// through the steps of the standards:
//
//   - The bits of a granule may begin in frames before it: the last 511 bytes are kept.
//   - Huffman codes are looked up by their first nine bits and, where that is not
//     enough, by the rest. One load of eight bytes covers a pair with signs and all.
//   - A line is sign * |q|^(4/3) * 2^(e/4), by two tables.
//   - Lines of short blocks are put in order of frequency, the two channels are
//     taken from middle and side or from one channel and its direction, and the
//     aliases between subbands are removed.
//   - The inverse MDCT of 36 is a DCT-IV of 18 points, which is two DCT-III of nine and
//     a rotation; those of short blocks are the same with three.
//   - The polyphase filter is a DCT-II of 32 points after Lee (IEEE Trans. ASSP 32,
//     1984) and a window of 512. Outputs j and 32-j share the values they weigh.
//
// # Limits
//
// Samples are float32 with full scale at 1; they are not cut there. Layers I and II and
// frames of a free bit rate are not read. Check sums of frames are passed over: encoders
// exist that write wrong ones.
package mp3
