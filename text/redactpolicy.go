package text

import (
	"fmt"
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// Action is what is done with a value that was found.
type Action uint8

// The actions.
const (
	ActionReplace Action = iota // with a label such as <EMAIL>, or with Operator.With
	ActionMask                  // each rune with Operator.Mask
	ActionDrop                  // leave nothing
	ActionHash                  // with <EMAIL: and a keyed hash, the same for the same value
	ActionEncrypt               // with a token that Restore opens
	ActionKeep                  // do not even look for it

	lastAction = ActionKeep
)

// Operator is what is done with the values of one kind. The zero value replaces
// them with the label of the kind.
type Operator struct {
	Action Action

	// With is what ActionReplace writes. Default: the kind in capitals between
	// angle brackets.
	With string

	// Numbered gives each different value a number, in the order in which they
	// come: <EMAIL_1>, <EMAIL_2>. It is for ActionReplace without With.
	Numbered bool

	// Mask is what ActionMask writes for each rune. Default: *.
	Mask rune

	// KeepLast is how many runes at the end ActionMask leaves, as on a receipt. A
	// value that is not more than twice as long is masked whole. Default: 0.
	KeepLast int
}

// Policy says what [Redact] looks for and what it does with it. The zero value
// replaces everything that [FindPII] finds by default.
type Policy struct {
	// Find is what to look for, with the lists of what to allow and to deny.
	Find PIIOptions

	// Default is for the kinds that Operators does not have.
	Default Operator

	// Operators has one kind in each key.
	Operators map[PIIKind]Operator

	// Key is for ActionHash and ActionEncrypt, which need it.
	Key RedactKey
}

// labels are the kinds in capitals, by bit.
var labels = func() (out [len(piiNames)]string) {
	for i, name := range piiNames {
		out[i] = strings.ToUpper(name)
	}
	return out
}()

// bitOf returns the number of the one bit of k.
func bitOf(k PIIKind) int { return bits.TrailingZeros32(uint32(k)) }

// newRedactor checks a policy. What is kept is not looked for, so that an address
// inside a URL that is kept is found.
func newRedactor(p Policy) (*redactor, error) {
	o, err := p.Find.withDefaults()
	if err != nil {
		return nil, err
	}
	for kind := range p.Operators {
		if kind == 0 || kind&(kind-1) != 0 || kind&^allPII != 0 {
			return nil, fmt.Errorf("text: %s is not one kind of personal data: %w", kind, quintet.ErrOption)
		}
	}
	r := &redactor{key: p.Key}
	for bit := range r.operators {
		kind := PIIKind(1) << bit
		op, ok := p.Operators[kind]
		if !ok {
			op = p.Default
		}
		if r.operators[bit], err = op.withDefaults(); err != nil {
			return nil, fmt.Errorf("text: operator for %s: %w", kind, err)
		}
		switch op.Action {
		case ActionKeep:
			o.Kinds &^= kind
		case ActionHash, ActionEncrypt:
			if p.Key.keys == nil {
				return nil, errNoKey("operator for " + kind.String())
			}
			r.encrypts = r.encrypts || op.Action == ActionEncrypt
		}
	}
	r.find = newPIIDetector(o)
	return r, nil
}

func (op Operator) withDefaults() (Operator, error) {
	switch {
	case op.Action > lastAction:
		return op, fmt.Errorf("unknown action %d: %w", op.Action, quintet.ErrOption)
	case op.KeepLast < 0:
		return op, fmt.Errorf("KeepLast is %d: %w", op.KeepLast, quintet.ErrOption)
	case op.KeepLast > 0 && op.Action != ActionMask:
		return op, fmt.Errorf("KeepLast without ActionMask: %w", quintet.ErrOption)
	case (op.With != "" || op.Numbered) && op.Action != ActionReplace:
		return op, fmt.Errorf("With or Numbered without ActionReplace: %w", quintet.ErrOption)
	case op.With != "" && op.Numbered:
		return op, fmt.Errorf("With and Numbered: %w", quintet.ErrOption)
	case op.Mask != 0 && (!utf8.ValidRune(op.Mask) || unicode.IsControl(op.Mask)):
		return op, fmt.Errorf("mask %U cannot be written: %w", op.Mask, quintet.ErrOption)
	}
	if op.Mask == 0 {
		op.Mask = '*'
	}
	return op, nil
}
