package tokenize

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A decoder is a step on the way from tokens to text.
type decoder interface {
	decode(t *classTable, tokens []string) []string
}

// Decode returns the text of the tokens. Ids that are no token are left out, and
// so are special tokens if skipSpecial is set. It is not the inverse of Encode:
// models normalize, and tokens may be parts of characters, whose bytes become
// U+FFFD when the rest is missing.
func (t *Tokenizer) Decode(ids []int32, skipSpecial bool) string {
	tokens := make([]string, 0, len(ids))
	for _, id := range ids {
		token, ok := t.Token(id)
		if ok && !(skipSpecial && t.specials[token]) {
			tokens = append(tokens, token)
		}
	}
	if t.noDecoder {
		return strings.Join(tokens, " ")
	}
	for _, d := range t.decoders {
		tokens = d.decode(t.classes, tokens)
	}
	return strings.Join(tokens, "")
}

// byteLevelDecoder turns letters into the bytes that they stand for.
type byteLevelDecoder struct{}

func (byteLevelDecoder) decode(_ *classTable, tokens []string) []string {
	var b []byte
	for _, s := range tokens {
		b = appendLetterBytes(b, s)
	}
	return []string{toValid(b)}
}

// toValid replaces what is not UTF-8 by U+FFFD: one for each beginning of a
// character that is cut short, as the Unicode Standard recommends in section 3.9.
func toValid(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var out []byte
	for len(b) > 0 {
		r, n := decode(b)
		if r == utf8.RuneError && n == 1 {
			n = brokenLen(b)
		}
		out = utf8.AppendRune(out, r)
		b = b[n:]
	}
	return string(out)
}

// brokenLen returns how many bytes of b are the beginning of a character that
// is cut short, at least 1.
func brokenLen(b []byte) int {
	for n := 1; n < min(len(b), 3); n++ {
		if utf8.FullRune(b[:n+1]) { // it is as wrong as it can be
			return n
		}
	}
	return min(len(b), 3)
}

// byteFallbackDecoder turns runs of <0x00> to <0xFF> into text.
type byteFallbackDecoder struct{}

func (byteFallbackDecoder) decode(_ *classTable, tokens []string) (out []string) {
	var run []byte
	flush := func() {
		if utf8.Valid(run) && len(run) > 0 {
			out = append(out, string(run))
		} else {
			for range run {
				out = append(out, "\ufffd")
			}
		}
		run = run[:0]
	}
	for _, s := range tokens {
		if len(s) == 6 && strings.HasPrefix(s, "<0x") && s[5] == '>' {
			if v, err := strconv.ParseUint(strings.TrimPrefix(s[3:5], "+"), 16, 8); err == nil {
				run = append(run, byte(v))
				continue
			}
		}
		flush()
		out = append(out, s)
	}
	flush()
	return out
}

// fuse makes one string of all.
type fuse struct{}

func (fuse) decode(_ *classTable, tokens []string) []string {
	return []string{strings.Join(tokens, "")}
}

// wordPieceDecoder writes blanks between words and, with cleanup, takes them
// back before punctuation and English contractions.
type wordPieceDecoder struct {
	prefix  string
	cleanup bool
}

func (d wordPieceDecoder) decode(_ *classTable, tokens []string) []string {
	for i, s := range tokens {
		if i > 0 {
			if rest, ok := strings.CutPrefix(s, d.prefix); ok {
				s = rest
			} else {
				s = " " + s
			}
		}
		if d.cleanup {
			s = cleanup(s)
		}
		tokens[i] = s
	}
	return tokens
}

// cleanup takes back blanks, one rule after the other.
func cleanup(s string) string {
	for _, r := range [][2]string{
		{" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"}, {" n't", "n't"}, {" 'm", "'m"},
		{" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
	} {
		s = strings.ReplaceAll(s, r[0], r[1])
	}
	return s
}

// metaspaceDecoder turns marks into blanks; those of the first token go if the
// encoder has written one there.
type metaspaceDecoder struct {
	mark      string
	dropFirst bool
}

func (d metaspaceDecoder) decode(_ *classTable, tokens []string) []string {
	for i, s := range tokens {
		by := " "
		if i == 0 && d.dropFirst {
			by = ""
		}
		tokens[i] = strings.ReplaceAll(s, d.mark, by)
	}
	return tokens
}

// bpeDecoder turns the suffix of words into blanks, except at the end.
type bpeDecoder struct{ suffix string }

func (d bpeDecoder) decode(_ *classTable, tokens []string) []string {
	for i, s := range tokens {
		by := " "
		if i == len(tokens)-1 {
			by = ""
		}
		tokens[i] = strings.ReplaceAll(s, d.suffix, by)
	}
	return tokens
}

// stripDecoder takes a character off both ends of each token, at most so many
// times.
type stripDecoder struct {
	content     string
	start, stop int
}

func (d stripDecoder) decode(_ *classTable, tokens []string) []string {
	for i, s := range tokens {
		for n := 0; n < d.start && strings.HasPrefix(s, d.content); n++ {
			s = s[len(d.content):]
		}
		for n := 0; n < d.stop && strings.HasSuffix(s, d.content); n++ {
			s = s[:len(s)-len(d.content)]
		}
		tokens[i] = s
	}
	return tokens
}

// replaceDecoder puts a string in place of matches.
type replaceDecoder struct{ replace }

func (d replaceDecoder) decode(t *classTable, tokens []string) []string {
	for i, s := range tokens {
		b := []byte(s)
		var out bytes.Buffer
		at := 0
		for at < len(b) {
			from, to := d.p.find(t, b, at)
			if from < 0 {
				break
			}
			out.Write(b[at:from])
			out.WriteString(d.by)
			at = to
		}
		out.Write(b[at:])
		tokens[i] = out.String()
	}
	return tokens
}

// ctc joins equal neighbours, drops padding and turns the delimiter into a
// blank.
type ctc struct {
	pad, delimiter string
	cleanup        bool
}

func (d ctc) decode(_ *classTable, tokens []string) (out []string) {
	for i, s := range tokens {
		if i > 0 && s == tokens[i-1] {
			continue
		}
		s = strings.ReplaceAll(s, d.pad, "")
		if d.cleanup {
			s = strings.ReplaceAll(cleanup(s), d.delimiter, " ")
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
