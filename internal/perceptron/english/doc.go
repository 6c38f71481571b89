// Package english tags the words of English sentences with parts of speech and with
// the names they belong to: features for the perceptrons of the package above, the
// search for the best tags, and the lexicon that both look words up in.
//
// It knows words as strings in a row; where they stand in a text is its caller's
// business. The command text/models/train makes its data.
//
// # Limits
//
// A sentence longer than [MaxSentence] words is the caller's to cut. Words are
// compared by 32-bit hashes; see the package above.
package english
