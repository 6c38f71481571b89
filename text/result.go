package text

// Document is the input of a [Pipeline].
type Document struct {
	ID   string `json:"id,omitempty"` // the caller's name for it, copied to the result
	Body string `json:"body"`         // UTF-8; other bytes do no harm
}

// Result is what a [Pipeline] found. Fields of tasks that were not asked for are
// empty. It holds no reference to the document's body.
type Result struct {
	ID        string            `json:"id,omitempty"`        // that of the document
	Language  Language          `json:"language,omitzero"`   // of TaskLanguage
	Stats     Stats             `json:"stats,omitzero"`      // of TaskStats
	Sentences []Sentence        `json:"sentences,omitempty"` // of TaskSentences, in order
	Tokens    []Token           `json:"tokens,omitempty"`    // of TaskTokens, in order
	Words     []TaggedWord      `json:"words,omitempty"`     // of TaskTags, or of TaskLemmas with lemmas
	Entities  []Entity          `json:"entities,omitempty"`  // of TaskEntities, in order
	Sentiment Sentiment         `json:"sentiment,omitzero"`  // of TaskSentiment
	Aspects   []Aspect          `json:"aspects,omitempty"`   // of TaskAspects, the most mentioned first
	Topics    []Topic           `json:"topics,omitempty"`    // of TaskTopics, the heaviest first
	Keywords  []Keyword         `json:"keywords,omitempty"`  // of TaskKeywords, best first
	Summary   []SummarySentence `json:"summary,omitempty"`   // of TaskSummary, in order
	PII       []Finding         `json:"pii,omitempty"`       // of TaskPII, in order
	Embedding []float32         `json:"embedding,omitempty"` // of TaskEmbedding, of length 1 or all zeros
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
