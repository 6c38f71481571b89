package tokenize

import (
	"fmt"

	"github.com/quintet-ai/quintet"
)

// Strategy says which of two texts gives way when both are too long together.
type Strategy uint8

const (
	// LongestFirst cuts the longer one, and both once they are equal.
	LongestFirst Strategy = iota
	// OnlyFirst cuts the first text.
	OnlyFirst
	// OnlySecond cuts the second text. A single text is cut all the same.
	OnlySecond
)

// Side is where a text is cut or padded.
type Side uint8

const (
	// Right is the end of the text.
	Right Side = iota
	// Left is its beginning.
	Left
)

// Truncation bounds the number of tokens.
type Truncation struct {
	MaxTokens int      // special tokens included; 0: as the model file says
	Strategy  Strategy // for pairs
	Side      Side     // the side where tokens are lost
}

// Padding fills short encodings.
type Padding struct {
	Length     int   // at least so many tokens; 0: no fixed length
	MultipleOf int   // and a multiple of this; 0 is 1
	Side       Side  // the side where padding stands
	ID         int32 // the padding token
	TypeID     int32 // and its type
}

// Options change what a model file says. The zero value follows the file.
type Options struct {
	// Truncation replaces that of the file if its MaxTokens is not 0.
	Truncation Truncation
	// NoTruncation lets encodings be of any length.
	NoTruncation bool
	// Padding replaces that of the file if its Length or MultipleOf is not 0.
	Padding Padding
	// NoPadding leaves encodings as long as they are.
	NoPadding bool
	// NoSpecialTokens leaves out the tokens that the file puts around texts.
	NoSpecialTokens bool
}

// maxPadding bounds what a model file or a caller can ask to pad to.
const maxPadding = 1 << 20

// check refuses options that cannot be meant.
func (o Options) check() error {
	switch {
	case o.Truncation.MaxTokens < 0:
		return fmt.Errorf("tokenize: at most %d tokens: %w", o.Truncation.MaxTokens, quintet.ErrOption)
	case o.Truncation.Strategy > OnlySecond || o.Truncation.Side > Left || o.Padding.Side > Left:
		return fmt.Errorf("tokenize: unknown strategy or side: %w", quintet.ErrOption)
	case o.Truncation.MaxTokens > 0 && o.NoTruncation:
		return fmt.Errorf("tokenize: both truncation and none: %w", quintet.ErrOption)
	case o.NoPadding && o.Padding != Padding{}:
		return fmt.Errorf("tokenize: both padding and none: %w", quintet.ErrOption)
	}
	return o.Padding.check(quintet.ErrOption)
}

func (p Padding) check(cause error) error {
	if min(p.Length, p.MultipleOf) < 0 || max(p.Length, p.MultipleOf) > maxPadding || p.ID < 0 || p.TypeID < 0 {
		return fmt.Errorf("tokenize: padding %+v, limit %d: %w", p, maxPadding, cause)
	}
	return nil
}
