package tokenize

import (
	"encoding/json"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// truncation reads how long encodings may be.
func (s sections) truncation() (t Truncation, err error) {
	if s.null("truncation") {
		return t, nil
	}
	var f struct {
		Direction string `json:"direction"`
		MaxLength uint64 `json:"max_length"`
		Strategy  string `json:"strategy"`
		Stride    uint64 `json:"stride"` // of windows: callers say it
	}
	if err := fill(s["truncation"], &f, "max_length", "strategy"); err != nil {
		return t, err
	}
	switch f.Strategy {
	case "LongestFirst":
	case "OnlyFirst":
		t.Strategy = OnlyFirst
	case "OnlySecond":
		t.Strategy = OnlySecond
	default:
		return t, fmt.Errorf("strategy %q: %w", f.Strategy, quintet.ErrModel)
	}
	if t.Side, err = sideOf(f.Direction); err != nil {
		return t, err
	}
	if f.MaxLength == 0 {
		return t, fmt.Errorf("at most 0 tokens: %w", quintet.ErrModel)
	}
	t.MaxTokens = int(min(f.MaxLength, 1<<31-1))
	return t, nil
}

func sideOf(direction string) (Side, error) {
	switch direction {
	case "", "Right":
		return Right, nil
	case "Left":
		return Left, nil
	}
	return 0, fmt.Errorf("direction %q: %w", direction, quintet.ErrModel)
}

// padding reads how short encodings are filled.
func (s sections) padding() (p Padding, err error) {
	if s.null("padding") {
		return p, nil
	}
	var f struct {
		Strategy  json.RawMessage `json:"strategy"`
		Direction string          `json:"direction"`
		Multiple  uint32          `json:"pad_to_multiple_of"`
		ID        uint32          `json:"pad_id"`
		TypeID    uint32          `json:"pad_type_id"`
		Token     string          `json:"pad_token"`
	}
	if err := fill(s["padding"], &f, "strategy", "direction", "pad_id", "pad_type_id", "pad_token"); err != nil {
		return p, err
	}
	var fixed struct{ Fixed *uint32 }
	if string(f.Strategy) != `"BatchLongest"` {
		if err := fill(f.Strategy, &fixed, "Fixed"); err != nil || fixed.Fixed == nil {
			return p, fmt.Errorf("strategy %s: %w", f.Strategy, quintet.ErrModel)
		}
		p.Length = int(*fixed.Fixed)
	}
	if p.Side, err = sideOf(f.Direction); err != nil {
		return p, err
	}
	p.MultipleOf, p.ID, p.TypeID = int(f.Multiple), int32(f.ID), int32(f.TypeID)
	return p, p.check(quintet.ErrModel)
}
