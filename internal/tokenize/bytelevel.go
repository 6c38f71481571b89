package tokenize

import "unicode/utf8"

// byteLetter is the letter that stands for each byte in the vocabulary of a
// byte-level model: printable bytes for themselves, the others from U+0100 on.
var byteLetter = func() (letters [256]rune) {
	n := rune(0x100)
	for b := range letters {
		if b > ' ' && b < 0x7f || b > 0xa0 && b != 0xad {
			letters[b] = rune(b)
			continue
		}
		letters[b] = n
		n++
	}
	return letters
}()

// letterByte is the inverse of byteLetter; -1 for letters of no byte.
var letterByte = func() (bytes [0x144]int16) {
	for i := range bytes {
		bytes[i] = -1
	}
	for b, r := range byteLetter {
		bytes[r] = int16(b)
	}
	return bytes
}()

// appendLetterBytes appends the bytes that the letters of s stand for, or those
// of s itself if one of its letters stands for none.
func appendLetterBytes(b []byte, s string) []byte {
	n := len(b)
	for _, r := range s {
		if int(r) >= len(letterByte) || letterByte[r] < 0 {
			return append(b[:n], s...)
		}
		b = append(b, byte(letterByte[r]))
	}
	return b
}

// appendByteLetters appends the letters of b.
func appendByteLetters(dst, b []byte) []byte {
	for _, c := range b {
		dst = utf8.AppendRune(dst, byteLetter[c])
	}
	return dst
}

// byteLevel writes a blank before the text, splits it as GPT-2 does and, unless
// the model reads the bytes themselves, writes the letters of the bytes.
type byteLevel struct {
	addPrefixSpace bool
	useRegex       bool
	raw            bool
}

func (s *byteLevel) split(sc *scratch, depth int, p piece) {
	if s.addPrefixSpace && p.i < p.j && p.t.b[p.i] != ' ' {
		sc.parts[depth] = p.t.part(p.i, p.j)
		dst := &sc.steps[depth]
		w := rewrite(&sc.parts[depth], dst)
		w.prepend(" ")
		w.copy(p.j - p.i)
		p = piece{dst, 0, len(dst.b)}
	}
	if !s.useRegex {
		s.emit(sc, depth, p)
		return
	}
	b := p.bytes()
	for at := 0; at < len(b) && !sc.full; {
		i, j := gpt2.find(sc.classes, b, at) // it leaves no gaps
		s.emit(sc, depth, piece{p.t, p.i + i, p.i + j})
		at = j
	}
}

func (s *byteLevel) emit(sc *scratch, depth int, p piece) {
	if !s.raw {
		sc.parts[depth] = p.t.part(p.i, p.j)
		dst := &sc.letters[depth]
		byteLetters{}.normalize(sc, &sc.parts[depth], dst)
		p = piece{dst, 0, len(dst.b)}
	}
	sc.next(depth+1, p)
}
