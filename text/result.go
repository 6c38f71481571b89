package text

// Document is the input of a [Pipeline].
type Document struct {
	ID   string `json:"id,omitempty"` // the caller's name for it, copied to the result
	Body string `json:"body"`         // UTF-8; other bytes do no harm
}

// Result is what a [Pipeline] found. Fields of tasks that were not asked for are
// empty. It holds no reference to the document's body.
type Result struct {
	ID        string            `json:"id,omitempty"`
	Language  Language          `json:"language,omitzero"`
	Stats     Stats             `json:"stats,omitzero"`
	Sentences []Sentence        `json:"sentences,omitempty"`
	Tokens    []Token           `json:"tokens,omitempty"`
	Words     []TaggedWord      `json:"words,omitempty"` // with tags; with lemmas if these were asked for
	Entities  []Entity          `json:"entities,omitempty"`
	Sentiment Sentiment         `json:"sentiment,omitzero"`
	Keywords  []Keyword         `json:"keywords,omitempty"`
	Summary   []SummarySentence `json:"summary,omitempty"`
	PII       []Finding         `json:"pii,omitempty"`
	Embedding []float32         `json:"embedding,omitempty"`
}

// Language is what a [LanguageDetector] says about a body.
type Language struct {
	Code       string  `json:"code"`       // ISO 639-1, "" if it cannot tell
	Confidence float64 `json:"confidence"` // 0 to 1
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
