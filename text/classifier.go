package text

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/optimize"
)

// Label is a class with its probability, from 0 to 1.
type Label struct {
	Label string  `json:"label"`
	Score float64 `json:"score"`
}

// ClassifierOptions configures a [Classifier].
type ClassifierOptions struct {
	// Model is a transformer for sequence classification in the Hugging Face
	// layout: an ONNX file whose first output is the logits, tokenizer.json,
	// and config.json with the names of the labels. It must be given.
	Model optimize.Model

	// Session says how the model is loaded.
	Session optimize.SessionOptions

	// MaxTokens is the number of tokens at which texts are cut. Default: what
	// the model's files say, at most 512.
	MaxTokens int

	// MaxBytes is the longest text; a longer one gets an error wrapping
	// quintet.ErrInput. Default: 1 MiB.
	MaxBytes int

	// WarmUp is how long the constructor may take, about, to measure on this
	// machine when batches pay, see optimize.Batcher.Calibrate; the shortest
	// batches are always measured, and texts longer than was reached are not
	// batched. It pays on an idle machine unlike the one on which the default
	// was measured; on a busy one it is worse than none. Default: none.
	WarmUp time.Duration

	// Runtime runs the model on its Backend. Default: optimize.Default().
	Runtime *optimize.Runtime
}

func (o ClassifierOptions) withDefaults() (ClassifierOptions, error) {
	switch {
	case o.Model.IsZero():
		return o, fmt.Errorf("text: a classifier needs a Model: %w", quintet.ErrModel)
	case o.MaxTokens < 0 || o.MaxBytes < 0:
		return o, fmt.Errorf("text: negative limit of a classifier: %w", quintet.ErrOption)
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	return o, checkWarmUp(o.WarmUp)
}

// Classifier labels texts with a transformer. It is safe for concurrent use.
type Classifier struct {
	*head
	labels   []string
	multiple bool // labels do not exclude each other
	eng      *optimize.Batcher[string, []Label]
}

var _ quintet.Pipeline[string, []Label] = (*Classifier)(nil)

// NewClassifier loads a model. It fails with [quintet.ErrModel] if its files do not
// make a classifier, and with what optimize.Runtime.Session fails with. Concurrent
// calls of Run are batched when that is faster.
func NewClassifier(o ClassifierOptions) (*Classifier, error) {
	h, err := newHead(context.Background(), o)
	if err != nil {
		return nil, err
	}
	c := &Classifier{head: h}
	if err := c.readConfig(); err != nil {
		return nil, errors.Join(err, h.close())
	}
	c.eng, err = optimize.NewBatcher(o.Runtime, "text.Classifier", optimize.BatchOptions[string]{Length: h.length}, c.step)
	if err == nil {
		err = warmUp(c.eng, o.WarmUp, h.length(prose(256)), prose)
	}
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	return c, nil
}

// readConfig learns the labels' names and whether they exclude each other.
func (c *Classifier) readConfig() error {
	var config struct {
		Labels  map[string]string `json:"id2label"`
		Problem string            `json:"problem_type"`
	}
	if err := readJSON(c.opt.Model, "config.json", &config); err != nil {
		return err
	}
	c.multiple = config.Problem == "multi_label_classification"
	n := max(c.classes, len(config.Labels))
	if c.classes > 0 && len(config.Labels) > 0 && len(config.Labels) != c.classes {
		return fmt.Errorf("text: config.json names %d labels, the model has %d: %w", len(config.Labels), c.classes, quintet.ErrModel)
	}
	for i := range n {
		c.labels = append(c.labels, cmp.Or(config.Labels[strconv.Itoa(i)], "LABEL_"+strconv.Itoa(i)))
	}
	return nil
}

// Labels returns the names of the classes, in the model's order.
func (c *Classifier) Labels() []string { return slices.Clone(c.labels) }

// Run returns all labels of a text, most probable first, equal ones in the model's
// order. Their scores add up to 1 unless the model's config.json says that labels
// do not exclude each other.
func (c *Classifier) Run(ctx context.Context, s string) ([]Label, error) { return c.eng.Run(ctx, s) }

// RunBatch labels every text; see [quintet.Pipeline] for its errors.
func (c *Classifier) RunBatch(ctx context.Context, texts []string) ([][]Label, error) {
	return c.eng.RunBatch(ctx, texts)
}

// Stream labels texts as they are pulled.
func (c *Classifier) Stream(ctx context.Context, texts iter.Seq[string]) iter.Seq2[[]Label, error] {
	return c.eng.Stream(ctx, texts)
}

// Close waits for running calls and gives the model back.
func (c *Classifier) Close() error { return errors.Join(c.eng.Close(), c.close()) }

func (c *Classifier) step(ctx context.Context, texts []string) ([][]Label, error) {
	check := func(s string) error { return checkText(s, c.opt.MaxBytes) }
	return acceptable(texts, check, func(good []string) ([][]Label, error) {
		logits, err := c.logits(ctx, c.encode(good, ""), c.eng.Padded)
		if err != nil {
			return nil, err
		}
		out := make([][]Label, len(good))
		for i, row := range logits {
			if out[i], err = c.rank(row); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// rank turns the logits of a text into labels.
func (c *Classifier) rank(logits []float32) ([]Label, error) {
	if len(logits) != len(c.labels) {
		return nil, fmt.Errorf("the model gave %d logits for %d labels: %w", len(logits), len(c.labels), quintet.ErrModel)
	}
	scores := softmax
	if c.multiple {
		scores = sigmoids
	}
	out := make([]Label, len(logits))
	for i, p := range scores(logits) {
		out[i] = Label{c.labels[i], p}
	}
	slices.SortStableFunc(out, func(a, b Label) int { return cmp.Compare(b.Score, a.Score) })
	return out, nil
}

// head is a transformer for sequence classification.
type head struct {
	*transformer
	opt     ClassifierOptions
	classes int // -1 if the model does not say
}

func newHead(ctx context.Context, o ClassifierOptions) (*head, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	t, err := openTransformer(ctx, o.Runtime, o.Model, o.Session, o.MaxTokens)
	if err != nil {
		return nil, err
	}
	outputs := t.session.Outputs()
	if len(outputs) == 0 || outputs[0].DType != optimize.Float32 || len(outputs[0].Shape) != 2 {
		err := fmt.Errorf("text: outputs %v are not the logits of a classifier: %w", outputs, quintet.ErrModel)
		return nil, errors.Join(err, t.close())
	}
	return &head{t, o, outputs[0].Shape[1]}, nil
}

// logits runs the model and returns a row for each encoding.
func (h *head) logits(ctx context.Context, encodings []tokenize.Encoding, padded func(int) int) ([][]float32, error) {
	outputs, err := h.run(ctx, encodings, padded)
	if err != nil {
		return nil, err
	}
	return rows(outputs[0], len(encodings))
}

// rows returns the logits of each of n texts. One that is not finite is an error: it
// would come out as a certain answer.
func rows(t optimize.Tensor, n int) ([][]float32, error) {
	data, err := optimize.Data[float32](t)
	if err != nil {
		return nil, err
	}
	if t.Dim(0) != n {
		return nil, fmt.Errorf("output %v for %d texts: %w", t, n, quintet.ErrModel)
	}
	for _, x := range data {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return nil, fmt.Errorf("the model gave the logit %v: %w", x, quintet.ErrModel)
		}
	}
	out, size := make([][]float32, n), len(data)/n
	for i := range out {
		out[i] = data[i*size : (i+1)*size]
	}
	return out, nil
}

func sigmoid(x float32) float64 { return 1 / (1 + math.Exp(-float64(x))) }

// sigmoids is sigmoid of each.
func sigmoids(logits []float32) []float64 {
	out := make([]float64, len(logits))
	for i, x := range logits {
		out[i] = sigmoid(x)
	}
	return out
}

// softmax is exp(x) over the sum of all, computed without overflow.
func softmax(logits []float32) []float64 {
	out := make([]float64, len(logits))
	if len(logits) == 0 {
		return out
	}
	most := float64(slices.Max(logits))
	var sum float64
	for i, x := range logits {
		out[i] = math.Exp(float64(x) - most)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}
