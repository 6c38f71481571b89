package vision

import "encoding/binary"

// exifPrefix precedes the TIFF structure in an APP1 segment.
const exifPrefix = "Exif\x00\x00"

// maxEntries bounds the directory that is searched for the orientation.
const maxEntries = 512

// exifOrientation returns the orientation that the first directory of an EXIF
// block holds, or 0 if there is none or the block is malformed: such metadata
// must not cost the user the picture. It follows no other offset than that of
// the first directory, so it cannot loop. JEITA CP-3451 §4.6.2, TIFF 6.0 §2.
func exifOrientation(tiff []byte) Orientation {
	const tagOrientation, typeShort, entrySize = 0x0112, 3, 12
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
	default:
		return 0
	}
	at := int64(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > int64(len(tiff)) {
		return 0
	}
	n := int(order.Uint16(tiff[at:]))
	entries := tiff[at+2:]
	for range min(n, maxEntries, len(entries)/entrySize) {
		if order.Uint16(entries) == tagOrientation {
			o := Orientation(order.Uint16(entries[8:]))
			if order.Uint16(entries[2:]) != typeShort || !o.valid() {
				return 0
			}
			return o
		}
		entries = entries[entrySize:]
	}
	return 0
}
