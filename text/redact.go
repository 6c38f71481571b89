package text

import (
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Redacted is a body without the personal data that was found in it.
type Redacted struct {
	Body    string   `json:"body"`
	Changes []Change `json:"changes,omitempty"` // in order; they hold no value of the original
}

// Change is one replacement: the Finding in the original and where its substitute
// stands.
type Change struct {
	Finding
	To Span `json:"to"` // of the redacted body; empty if the value was dropped
}

// Original maps an offset of r.Body to the one of the original body: the beginning
// of a value for an offset inside its substitute, its end for the end. An offset
// outside the body counts as the nearest end. It takes O(log len(r.Changes)).
func (r Redacted) Original(offset int) int {
	offset = min(max(offset, 0), len(r.Body))
	i := sort.Search(len(r.Changes), func(i int) bool { return r.Changes[i].To.Start > offset }) - 1
	if i < 0 {
		return offset
	}
	c := r.Changes[i]
	if offset < c.To.End {
		return c.Start
	}
	return c.End + offset - c.To.End
}

// Redact replaces the personal data in body as p says. Whatever is found once is
// replaced wherever it stands as a whole word, in any case of ASCII letters: a
// number is often recognised by a word that is near it once only. So no value that
// was found remains where it was a word, other than what KeepLast keeps.
//
// An error wraps [quintet.ErrOption] and names no value and no key. The cost is
// O(len(body)).
func Redact(body string, p Policy) (Redacted, error) {
	r, err := newRedactor(p)
	if err != nil {
		return Redacted{}, err
	}
	var names []Span
	if find := r.find.opt.Names; find != nil && r.find.opt.Kinds&PIIName != 0 {
		names = find(body)
	}
	return r.redact(body, names), nil
}

// redactor is a Policy made ready for many bodies. It is safe for concurrent use.
type redactor struct {
	find      piiDetector
	operators [len(piiNames)]Operator // by bit of the kind
	key       RedactKey
	encrypts  bool // some operator does
}

// redact takes the spans of names, which may be none.
func (r *redactor) redact(body string, names []Span) Redacted {
	found := r.find.find(nil, body, names)
	if r.encrypts {
		found = withTokens(found, body)
	}
	found = everywhere(found, body)
	out := Redacted{Body: body}
	if len(found) == 0 {
		return out
	}
	w := redaction{redactor: r, numbers: map[string]int{}}
	w.out = make([]byte, 0, len(body))
	out.Changes = make([]Change, len(found))
	at := 0
	for i, x := range found {
		w.out = append(w.out, body[at:x.Start]...)
		start := len(w.out)
		w.replace(x, x.Of(body))
		out.Changes[i] = Change{x, Span{start, len(w.out)}}
		at = x.End
	}
	out.Body = string(append(w.out, body[at:]...))
	return out
}

// everywhere adds to the findings the other places where their values stand.
func everywhere(found []Finding, body string) []Finding {
	if len(found) == 0 {
		return nil
	}
	values := make([]string, len(found))
	for i, x := range found {
		values[i] = x.Of(body)
	}
	var more []Finding
	for _, m := range newWordMatcher(values).find(nil, body) {
		x := found[m.value]
		x.Span = m.Span
		more = append(more, x)
	}
	slices.SortFunc(more, bySpan)
	return merge(found, uncovered(more, found, body))
}

// redaction is the work on one body.
type redaction struct {
	*redactor
	out     []byte
	numbers map[string]int // of values by kind and text
	counts  [len(piiNames)]int
}

// replace appends the substitute of a value.
func (w *redaction) replace(x Finding, value string) {
	op := w.operators[bitOf(x.Kind)]
	if x.Form == tokenForm {
		op = Operator{Action: ActionEncrypt}
	}
	label := labels[bitOf(x.Kind)]
	switch op.Action {
	case ActionReplace:
		w.label(op, label, x.Kind, value)
	case ActionMask:
		w.mask(op, value)
	case ActionHash:
		w.out = append(append(append(w.out, '<'), label...), ':')
		w.out = append(hex.AppendEncode(w.out, w.key.hash(value)), '>')
	case ActionEncrypt:
		w.out = w.key.appendToken(w.out, label, value)
	}
}

func (w *redaction) label(op Operator, label string, kind PIIKind, value string) {
	if op.With != "" {
		w.out = append(w.out, op.With...)
		return
	}
	w.out = append(append(w.out, '<'), label...)
	if op.Numbered {
		id := label + "\x00" + value
		if w.numbers[id] == 0 {
			w.counts[bitOf(kind)]++
			w.numbers[id] = w.counts[bitOf(kind)]
		}
		w.out = strconv.AppendInt(append(w.out, '_'), int64(w.numbers[id]), 10)
	}
	w.out = append(w.out, '>')
}

// mask keeps the last runes of a value that is more than twice as long.
func (w *redaction) mask(op Operator, value string) {
	n, keep := utf8.RuneCountInString(value), op.KeepLast
	if n <= 2*keep {
		keep = 0
	}
	i := 0
	for range n - keep {
		_, size := utf8.DecodeRuneInString(value[i:])
		i += size
		w.out = utf8.AppendRune(w.out, op.Mask)
	}
	w.out = append(w.out, value[i:]...)
}

// Restore puts the values back that [ActionEncrypt] took out of a body, with the
// key of the policy. Other substitutes stay: what was masked, dropped, hashed or
// replaced is gone. Tokens may have been moved or left out since. What looked like a
// token in the original was encrypted with the rest, so a body whose values were all
// encrypted comes back byte for byte; where others were dropped or replaced by With,
// what they leave may look like a token.
//
// A token that was changed or made with another key gives an error wrapping
// [quintet.ErrInput]. The cost is O(len(body)).
func Restore(body string, key RedactKey) (string, error) {
	if key.keys == nil {
		return "", errNoKey("Restore")
	}
	var out strings.Builder
	at := 0
	for t := range tokensIn(body) {
		value, err := key.open(t.label, t.sealed)
		if err != nil {
			return "", fmt.Errorf("text: token at byte %d: %w", t.Start, err)
		}
		out.WriteString(body[at:t.Start])
		out.Write(value)
		at = t.End
	}
	if at == 0 {
		return body, nil
	}
	out.WriteString(body[at:])
	return out.String(), nil
}
