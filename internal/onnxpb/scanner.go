package onnxpb

// The wire types of protobuf that ONNX uses. Types 3 and 4 delimit groups.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// field is one field of a message as it stands in the data.
type field struct {
	num, wire int
	v         uint64 // the value of a varint
	at        int    // where the tag begins
	lo, hi    int    // the payload is data[lo:hi]
}

// scanner walks over the fields of one message, data[pos:end].
type scanner struct {
	data     []byte
	pos, end int
}

var (
	errShortVarint = wrong("varint is cut off")
	errLongVarint  = wrong("varint exceeds 64 bits")
)

// varint reads one and moves on.
func (s *scanner) varint() (uint64, error) {
	var v uint64
	for i := range 10 {
		if s.pos == s.end {
			return 0, errShortVarint
		}
		b := s.data[s.pos]
		s.pos++
		if i == 9 && b > 1 {
			break
		}
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			return v, nil
		}
	}
	return 0, errLongVarint
}

// next reads the field at pos, which must be before end, and moves behind it.
func (s *scanner) next() (f field, err error) {
	f.at = s.pos
	tag, err := s.varint()
	if err != nil {
		return f, err
	}
	if tag>>3 == 0 || tag>>3 >= 1<<29 {
		return f, wrong("field number %d", tag>>3)
	}
	f.num, f.wire = int(tag>>3), int(tag&7)
	f.lo = s.pos
	var size uint64
	switch f.wire {
	case wireVarint:
		f.v, err = s.varint()
	case wireFixed64:
		size = 8
	case wireFixed32:
		size = 4
	case wireBytes:
		size, err = s.varint()
		f.lo = s.pos
	default:
		err = wrong("field %d has wire type %d", f.num, f.wire)
	}
	if err != nil {
		return f, err
	}
	if left := uint64(s.end - s.pos); size > left {
		return f, wrong("length %d exceeds the %d bytes left", size, left)
	}
	s.pos += int(size)
	f.hi = s.pos
	return f, nil
}
