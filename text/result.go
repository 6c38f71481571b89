package text

// Document is the input of a [Pipeline].
type Document struct {
	ID   string `json:"id,omitempty"` // the caller's name for it, copied to the result
	Body string `json:"body"`         // UTF-8; other bytes do no harm
}

// Result is what a [Pipeline] found. Fields of tasks that were not asked for are
// empty. It holds no reference to the document's body.
type Result struct {
	ID        string     `json:"id,omitempty"`
	Stats     Stats      `json:"stats,omitzero"`
	Sentences []Sentence `json:"sentences,omitempty"`
	Tokens    []Token    `json:"tokens,omitempty"`
	Keywords  []Keyword  `json:"keywords,omitempty"`
}

// Span is the half-open range [Start, End) of a body, in bytes.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Of returns the text that s covers. It panics if s is not a span of body.
func (s Span) Of(body string) string { return body[s.Start:s.End] }

// Len returns the number of bytes that s covers.
func (s Span) Len() int { return s.End - s.Start }
