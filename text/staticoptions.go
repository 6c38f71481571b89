package text

import (
	"cmp"
	"fmt"
	"io/fs"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// StaticOptions configures a [StaticEmbedder].
type StaticOptions struct {
	// Files is a directory, such as os.DirFS("potion"), with the model in the layout
	// of model2vec: model.safetensors with a matrix "embeddings" of float32, float16
	// or int8 numbers, a row for each token, tokenizer.json, and config.json, whose
	// normalize says whether vectors have length 1, as they do if it is silent. It
	// must be given.
	Files fs.FS

	// NoNormalize leaves the vectors as long as they are.
	NoNormalize bool

	// Dim keeps the first numbers of the vectors, before their length is made 1.
	// Default: all.
	Dim int

	// MaxTokens is the number of tokens at which texts are cut. Default: 512, as
	// model2vec does.
	MaxTokens int

	// MaxBytes is the longest text; a longer one gets an error wrapping
	// quintet.ErrInput. Default: 1 MiB.
	MaxBytes int

	// MaxModelBytes is the largest model.safetensors. Default: 1 GiB.
	MaxModelBytes int

	// Runtime runs the embedder. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o StaticOptions) withDefaults() (StaticOptions, error) {
	switch {
	case o.Files == nil:
		return o, fmt.Errorf("text: a static embedder needs Files: %w", quintet.ErrOption)
	case o.Dim < 0 || o.MaxTokens < 0 || o.MaxBytes < 0 || o.MaxModelBytes < 0:
		return o, fmt.Errorf("text: negative limit of a static embedder: %w", quintet.ErrOption)
	}
	o.MaxTokens = cmp.Or(o.MaxTokens, 512)
	o.MaxBytes = cmp.Or(o.MaxBytes, defaultMaxBytes)
	o.MaxModelBytes = cmp.Or(o.MaxModelBytes, 1<<30)
	return o, nil
}
