package text

import "bytes"

// IndexMagic begins the file of an index.
const IndexMagic = indexMagic

// Sealed puts bytes into blocks with the right checksums.
func Sealed(magic string, payload []byte) []byte {
	var file bytes.Buffer
	b := newBlockWriter(&file, magic)
	b.Write(payload)
	b.close()
	return file.Bytes()
}
