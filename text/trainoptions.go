package text

import (
	"cmp"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// TrainMethod is how [Train] finds weights.
type TrainMethod uint8

const (
	// Logistic is logistic regression, softmax of the sums of weights, by stochastic
	// gradient descent with a step of its own for each weight (Duchi, Hazan, Singer,
	// "Adaptive subgradient methods", JMLR 12, 2011); the weights are the mean of
	// those after every step but the first pass's (Polyak and Juditsky, 1992).
	Logistic TrainMethod = iota

	// ComplementBayes is complement naive Bayes (Rennie, Shih, Teevan, Karger,
	// "Tackling the poor assumptions of naive Bayes text classifiers", ICML 2003),
	// with features weighted by their rarity. It takes one pass, so it is many times
	// faster; its labels are about as good, its scores are no probabilities.
	ComplementBayes
)

// TrainOptions configures [Train]. The zero value is good for labels that depend on
// what a text is about or says in English and other languages with spaces.
type TrainOptions struct {
	// Method of training. Default: Logistic.
	Method TrainMethod

	// Words is the longest run of words that is a feature, up to 4. Default: 2.
	Words int

	// Characters is the longest run of characters of a word, with a mark at its
	// beginning and end, that is a feature, up to 6. It is for languages, spelling
	// and noisy texts. Default: none.
	Characters int

	// MaxFeatures keeps the features that most examples have. Default: 262,144.
	MaxFeatures int

	// Epochs is how often Logistic goes over the examples. Default: 10.
	Epochs int

	// Rate is the length of a step of Logistic. Default: 0.3.
	Rate float64

	// Penalty draws weights of Logistic to 0, each when a text has its feature: of
	// the gradient it is this part of the weight. Default: 0.0001.
	Penalty float64

	// Smoothing is what ComplementBayes adds to each count. Default: 0.5.
	Smoothing float64

	// Seed chooses the order of the examples in a pass of Logistic.
	Seed uint64

	// MaxBytes is the longest text. Default: 1 MiB.
	MaxBytes int

	// MaxTotalBytes is the most that all texts together have. Default: 256 MiB.
	MaxTotalBytes int

	// Progress, if there is one, is called after each pass of Logistic, by the
	// goroutine of Train.
	Progress func(TrainProgress)
}

const (
	maxWordRun      = 4
	maxCharacterRun = 6
)

func (o TrainOptions) withDefaults() (TrainOptions, error) {
	for _, n := range []int{o.Words, o.Characters, o.MaxFeatures, o.Epochs, o.MaxBytes, o.MaxTotalBytes} {
		if n < 0 {
			return o, fmt.Errorf("text: negative number %d for training: %w", n, quintet.ErrOption)
		}
	}
	for _, x := range []float64{o.Rate, o.Penalty, o.Smoothing} {
		if !(x >= 0 && x <= 1000) {
			return o, fmt.Errorf("text: %v for training, want 0 to 1000: %w", x, quintet.ErrOption)
		}
	}
	switch {
	case o.Method > ComplementBayes:
		return o, fmt.Errorf("text: unknown method %d: %w", o.Method, quintet.ErrOption)
	case o.Words > maxWordRun:
		return o, fmt.Errorf("text: Words is %d, limit %d: %w", o.Words, maxWordRun, quintet.ErrOption)
	case o.Characters > maxCharacterRun:
		return o, fmt.Errorf("text: Characters is %d, limit %d: %w", o.Characters, maxCharacterRun, quintet.ErrOption)
	}
	o.Words = cmp.Or(o.Words, 2)
	o.MaxFeatures = cmp.Or(o.MaxFeatures, 1<<18)
	o.Epochs = cmp.Or(o.Epochs, 10)
	o.Rate = cmp.Or(o.Rate, 0.3)
	o.Penalty = cmp.Or(o.Penalty, 1e-4)
	o.Smoothing = cmp.Or(o.Smoothing, 0.5)
	o.MaxBytes = cmp.Or(o.MaxBytes, defaultMaxBytes)
	o.MaxTotalBytes = cmp.Or(o.MaxTotalBytes, 256<<20)
	return o, nil
}
