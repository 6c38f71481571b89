package text

import (
	"context"
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// LanguageDetector tells the language of a text: the Detector of package
// text/language does. It is safe for concurrent use.
type LanguageDetector interface {
	// DetectLanguage returns the ISO 639-1 code of the language, "" if it cannot
	// tell, and how sure it is, 0 to 1.
	DetectLanguage(body string) (code string, confidence float64)
}

// EntityRecognizer finds names in a text: an [EntityTagger] does. Its entities are in
// order. It is safe for concurrent use.
type EntityRecognizer interface {
	// Run returns the entities of a body.
	Run(ctx context.Context, body string) ([]Entity, error)
}

// VectorEmbedder makes a vector of a text: an [Embedder] does. It is safe for
// concurrent use.
type VectorEmbedder interface {
	// Run returns the vector of a body.
	Run(ctx context.Context, body string) ([]float32, error)
}

// Options configures a [Pipeline]. The zero value runs the cheap tasks on the default
// runtime.
type Options struct {
	// Tasks selects the work. Default: TaskStats, TaskSentences, TaskTokens,
	// TaskKeywords and TaskSentiment.
	Tasks Task

	// TopKeywords limits Result.Keywords. Default: 10.
	TopKeywords int

	// KeywordMethod says how they are scored. Default: KeywordsByRarity.
	KeywordMethod KeywordMethod

	// Summary says how long Result.Summary is. Default: three sentences.
	Summary SummaryOptions

	// Topics says how many Result.Topics are found, and how. Default: as
	// [DocumentTopics] does.
	Topics TopicOptions

	// PII says what Result.PII has. If its Kinds name PIIName, and it has no
	// Names of its own, names are the people among the entities. Default: every
	// kind but names.
	PII PIIOptions

	// Language tells the language; TaskLanguage needs it. Default: none, so that
	// programs without it do not carry its tables.
	Language LanguageDetector

	// Entities finds Result.Entities. Default: as [Entities] does.
	Entities EntityRecognizer

	// Embedder makes Result.Embedding. Default: [Lexical] in 384 dimensions.
	Embedder VectorEmbedder

	// MaxBytes is the longest body; a longer one gets an error wrapping
	// quintet.ErrInput. Default: 1 MiB.
	MaxBytes int

	// Runtime runs the pipeline. Default: optimize.Default().
	Runtime *optimize.Runtime
}

const defaultMaxBytes = 1 << 20

func (o Options) withDefaults() (Options, error) {
	if unknown := o.Tasks &^ knownTasks; unknown != 0 {
		return o, fmt.Errorf("text: unknown bits %#x in Tasks: %w", uint(unknown), quintet.ErrOption)
	}
	if o.TopKeywords < 0 {
		return o, fmt.Errorf("text: TopKeywords is %d: %w", o.TopKeywords, quintet.ErrOption)
	}
	if o.KeywordMethod > KeywordsByTextRank {
		return o, fmt.Errorf("text: unknown KeywordMethod %d: %w", o.KeywordMethod, quintet.ErrOption)
	}
	if o.MaxBytes < 0 {
		return o, fmt.Errorf("text: MaxBytes is %d: %w", o.MaxBytes, quintet.ErrOption)
	}
	if o.Tasks&TaskLanguage != 0 && o.Language == nil {
		return o, fmt.Errorf("text: TaskLanguage without Options.Language: %w", quintet.ErrOption)
	}
	var err error
	if o.Summary, err = o.Summary.withDefaults(); err != nil {
		return o, err
	}
	if o.Topics, err = o.Topics.ofDocument().withDefaults(); err != nil {
		return o, err
	}
	if o.PII.Kinds == 0 && o.PII.Names == nil {
		o.PII.Kinds = allPII &^ PIIName
	}
	if o.PII, err = o.PII.withDefaults(); err != nil {
		return o, err
	}
	if o.Tasks == 0 {
		o.Tasks = defaultTasks
	}
	if o.TopKeywords == 0 {
		o.TopKeywords = 10
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	return o, nil
}

// namesPeople reports whether entities are looked for to find personal data.
func (o Options) namesPeople() bool {
	return o.Tasks&TaskPII != 0 && o.PII.Kinds&PIIName != 0 && o.PII.Names == nil
}

// EmbedderOptions configures an [Embedder]. The zero value is the lexical
// embedding in 384 dimensions on the default runtime.
type EmbedderOptions struct {
	// Model is a transformer encoder in the Hugging Face layout: an ONNX file
	// beside its tokenizer.json. It runs on the Backend of Runtime. Default:
	// none, the lexical embedding.
	Model optimize.Model

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// Pooling makes one vector of those of the tokens. A model that does so
	// itself, with an output sentence_embedding, is left to it. Default: what
	// the model's files say.
	Pooling Pooling

	// Prefix stands before each text that the model gets; some are trained
	// with one, such as "query: ". Default: none.
	Prefix string

	// MaxTokens is the number of tokens at which the model's texts are cut.
	// Default: what the model's files say, at most 512.
	MaxTokens int

	// NoNormalize leaves the vectors of a model as long as they are.
	NoNormalize bool

	// Dim is the length of the vectors. Of the lexical embedding it may be 16
	// to 65,536, default 384. Of a model it is at most the model's, which is
	// the default; less keeps the first numbers, for models trained so
	// (Kusupati et al., Matryoshka representation learning, 2022).
	Dim int

	// MaxBytes is the longest text; a longer one gets an error wrapping
	// quintet.ErrInput. Default: 1 MiB.
	MaxBytes int

	// WarmUp is how long [NewEmbedder] may take, about, to measure on this
	// machine when batches of the model pay, see optimize.Batcher.Calibrate;
	// the shortest batches are always measured, and texts longer than was
	// reached are not batched. It pays on an idle machine unlike the one on
	// which the default was measured; on a busy one it is worse than none.
	// Default: none.
	WarmUp time.Duration

	// Runtime runs the embedder. Default: optimize.Default().
	Runtime *optimize.Runtime
}

const (
	defaultDim = 384
	minDim     = 16
	maxDim     = 1 << 16
)

func (o EmbedderOptions) withDefaults() (EmbedderOptions, error) {
	lexical := o.Model.IsZero()
	switch {
	case lexical && o.Dim != 0 && (o.Dim < minDim || o.Dim > maxDim):
		return o, fmt.Errorf("text: Dim is %d, want %d to %d: %w", o.Dim, minDim, maxDim, quintet.ErrOption)
	case o.Dim < 0 || o.MaxTokens < 0 || o.MaxBytes < 0:
		return o, fmt.Errorf("text: negative limit of an embedder: %w", quintet.ErrOption)
	case o.Pooling > PoolMax:
		return o, fmt.Errorf("text: unknown pooling %d: %w", o.Pooling, quintet.ErrOption)
	case lexical && (o.Pooling != PoolModel || o.Prefix != "" || o.MaxTokens != 0 || o.NoNormalize || o.WarmUp != 0):
		return o, fmt.Errorf("text: an embedder without a model takes only Dim and MaxBytes: %w", quintet.ErrOption)
	}
	if lexical && o.Dim == 0 {
		o.Dim = defaultDim
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	return o, checkWarmUp(o.WarmUp)
}
