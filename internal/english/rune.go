package english

import "unicode"

// asciiWord reports whether an ASCII byte is a letter or digit.
func asciiWord(b byte) bool { return '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z' }

// wordRune reports whether r, which is not ASCII, is a letter or number.
func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// spacelessScripts set their words not apart.
var spacelessScripts = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// spaceless reports whether the words of the script of a letter are not set
// apart, or, as in Korean, have endings that grow together with them.
func spaceless(r rune) bool {
	const longVowel, narrowLongVowel = 'ー', 'ｰ' // of Kana, but of no script
	return r >= 0x0E00 && (unicode.In(r, spacelessScripts...) || r == longVowel || r == narrowLongVowel)
}
