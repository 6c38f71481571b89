package tokenize

// Span is a range of bytes [Start, End) of the string that was encoded.
type Span struct{ Start, End int }

// Encoding is what a model reads of a text. All slices are of equal length, one
// element for each token.
type Encoding struct {
	IDs           []int32
	TypeIDs       []int32 // which of two texts, as the model numbers them
	AttentionMask []int32 // 1 for tokens, 0 for padding
	SpecialMask   []int32 // 1 for what is not of the text: special tokens and padding
	// Offsets say where a token comes from, in the string of its sequence: whole
	// characters, also if the token is only some bytes of one. Special tokens
	// and padding have the zero Span.
	Offsets []Span
	// WordIDs count the words of each sequence, as the pre-tokenizer cuts them;
	// -1 for special tokens and padding.
	WordIDs []int32
	// SequenceIDs are 0 for the first text, 1 for the second, and -1 for
	// special tokens and padding.
	SequenceIDs []int32
	// Truncated reports that tokens are missing.
	Truncated bool
}

// Len returns the number of tokens.
func (e Encoding) Len() int { return len(e.IDs) }

// reset keeps the memory of the slices only.
func (e *Encoding) reset() {
	*e = Encoding{
		IDs: e.IDs[:0], TypeIDs: e.TypeIDs[:0], AttentionMask: e.AttentionMask[:0], SpecialMask: e.SpecialMask[:0],
		Offsets: e.Offsets[:0], WordIDs: e.WordIDs[:0], SequenceIDs: e.SequenceIDs[:0],
	}
}

// add appends a token.
func (e *Encoding) add(id, typeID, attention, special int32, at Span, word, sequence int32) {
	e.IDs = append(e.IDs, id)
	e.TypeIDs = append(e.TypeIDs, typeID)
	e.AttentionMask = append(e.AttentionMask, attention)
	e.SpecialMask = append(e.SpecialMask, special)
	e.Offsets = append(e.Offsets, at)
	e.WordIDs = append(e.WordIDs, word)
	e.SequenceIDs = append(e.SequenceIDs, sequence)
}
