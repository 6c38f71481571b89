package text

import (
	"cmp"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// IndexOptions configures an [Index]. The zero value is good.
type IndexOptions struct {
	// K1 says how late more of a term adds no more, up to 1,000; negative is 0,
	// where once is as good as often. Default: 1.2.
	K1 float64

	// B says how much the length of a document counts, up to 1; negative is 0,
	// where it does not. Default: 0.75.
	B float64

	// SnippetBytes is the longest snippet, 32 or more. Default: 200.
	SnippetBytes int

	// MaxBytes is the largest document, ID and body together. Default: 1 MiB.
	MaxBytes int

	// MaxTotalBytes is the most that all documents together have. Default: 1 GiB.
	MaxTotalBytes int
}

const minSnippet = 32

func (o IndexOptions) withDefaults() (IndexOptions, error) {
	switch {
	case o.MaxBytes < 0 || o.MaxTotalBytes < 0:
		return o, fmt.Errorf("text: negative limit of an index: %w", quintet.ErrOption)
	case o.SnippetBytes != 0 && o.SnippetBytes < minSnippet:
		return o, fmt.Errorf("text: SnippetBytes is %d, want %d: %w", o.SnippetBytes, minSnippet, quintet.ErrOption)
	}
	o.SnippetBytes = cmp.Or(o.SnippetBytes, 200)
	o.MaxBytes = cmp.Or(o.MaxBytes, defaultMaxBytes)
	o.MaxTotalBytes = cmp.Or(o.MaxTotalBytes, 1<<30)
	return o, nil
}
