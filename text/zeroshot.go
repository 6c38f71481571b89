package text

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/optimize"
)

// ZeroShotRequest is a text and the labels that it may have.
type ZeroShotRequest struct {
	Text string `json:"text"` // what is labelled

	// Labels are words or phrases, at most 1,024. Default: those of the
	// options.
	Labels []string `json:"labels,omitempty"`
}

// ZeroShot labels texts with labels that its model was never trained on: it asks a
// model for natural language inference whether the text entails a sentence about
// each label (Yin et al., Benchmarking zero-shot text classification, 2019). The
// time is that of one run for each label. It is safe for concurrent use.
type ZeroShot struct {
	*head
	opt                       ZeroShotOptions
	entailment, contradiction int
	eng                       *optimize.Batcher[ZeroShotRequest, []Label]
}

var _ quintet.Pipeline[ZeroShotRequest, []Label] = (*ZeroShot)(nil)

// NewZeroShot loads a model. It fails with [quintet.ErrModel] if config.json names
// no class that begins with "entail", or more than one, or no opposite of it, and
// as [NewClassifier] does.
func NewZeroShot(o ZeroShotOptions) (*ZeroShot, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	h, err := newHead(context.Background(), ClassifierOptions{
		Model: o.Model, Session: o.Session, MaxTokens: o.MaxTokens, MaxBytes: o.MaxBytes, Runtime: o.Runtime,
	})
	if err != nil {
		return nil, err
	}
	z := &ZeroShot{head: h, opt: o}
	err = errors.Join(z.readConfig(), h.cutAt(h.tokens.Truncation().MaxTokens, tokenize.OnlyFirst))
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	bo := optimize.BatchOptions[ZeroShotRequest]{Length: z.work}
	z.eng, err = optimize.NewBatcher(o.Runtime, "text.ZeroShot", bo, z.step)
	if err == nil {
		err = warmUp(z.eng, o.WarmUp, z.length(prose(256)), func(n int) ZeroShotRequest {
			return ZeroShotRequest{prose(max(n-len(z.opt.Template)/4-2, 3)), []string{"a"}}
		})
	}
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	return z, nil
}

// readConfig learns which class is which.
func (z *ZeroShot) readConfig() error {
	var config struct {
		Classes map[string]string `json:"id2label"`
	}
	if err := readJSON(z.opt.Model, "config.json", &config); err != nil {
		return err
	}
	named := func(prefix string) (at []int) {
		for id, name := range config.Classes {
			if strings.HasPrefix(strings.ToLower(name), prefix) {
				if i, err := strconv.Atoi(id); err == nil && i >= 0 && (z.classes < 0 || i < z.classes) {
					at = append(at, i)
				}
			}
		}
		return at
	}
	yes, no := named("entail"), named("contradict")
	if len(yes) == 1 && len(no) == 0 && len(config.Classes) == 2 {
		no = []int{1 - yes[0]} // not_entailment
	}
	if n := len(config.Classes); z.classes > 0 && n > 0 && n != z.classes {
		return fmt.Errorf("text: config.json names %d labels, the model has %d: %w", n, z.classes, quintet.ErrModel)
	}
	if len(yes) != 1 || len(no) != 1 || no[0] < 0 {
		return fmt.Errorf("text: config.json must name one class entailment and one contradiction, has %v: %w",
			config.Classes, quintet.ErrModel)
	}
	z.entailment, z.contradiction = yes[0], no[0]
	return nil
}

// Run returns all labels of the request, best first, equal ones in the order of the
// request. With MultiLabel, or a single label, the score is the probability of
// entailment against contradiction; else it is the share among the labels by the
// exponentials of their entailment.
//
// A request without labels where the options have none either, with one that is
// blank or given twice, or with one so long that no token of the text fits beside
// its sentence, is [quintet.ErrInput].
func (z *ZeroShot) Run(ctx context.Context, r ZeroShotRequest) ([]Label, error) {
	return z.eng.Run(ctx, r)
}

// RunBatch labels every text; see [quintet.Pipeline] for its errors.
func (z *ZeroShot) RunBatch(ctx context.Context, requests []ZeroShotRequest) ([][]Label, error) {
	return z.eng.RunBatch(ctx, requests)
}

// Stream labels texts as they are pulled.
func (z *ZeroShot) Stream(ctx context.Context, requests iter.Seq[ZeroShotRequest]) iter.Seq2[[]Label, error] {
	return z.eng.Stream(ctx, requests)
}

// Close waits for running calls and gives the model back.
func (z *ZeroShot) Close() error { return errors.Join(z.eng.Close(), z.close()) }

func (z *ZeroShot) labels(r ZeroShotRequest) []string {
	if len(r.Labels) == 0 {
		return z.opt.Labels
	}
	return r.Labels
}

// work estimates the tokens of all runs of a request.
func (z *ZeroShot) work(r ZeroShotRequest) (n int) {
	labels := z.labels(r)
	for _, l := range labels[:min(len(labels), maxLabels)] {
		n += z.length(r.Text) + (len(l)+len(z.opt.Template))/4 + 2
	}
	return n
}

func (z *ZeroShot) step(ctx context.Context, requests []ZeroShotRequest) ([][]Label, error) {
	check := func(r ZeroShotRequest) error {
		if err := checkText(r.Text, z.opt.MaxBytes); err != nil {
			return err
		}
		if err := checkLabels(z.labels(r), z.opt.MaxBytes); err != nil {
			return fmt.Errorf("%w: %w", err, quintet.ErrInput)
		}
		return nil
	}
	return acceptable(requests, check, func(good []ZeroShotRequest) ([][]Label, error) { return z.classify(ctx, good) })
}

// classify runs the sentences of all requests and ranks the labels of each.
func (z *ZeroShot) classify(ctx context.Context, requests []ZeroShotRequest) ([][]Label, error) {
	var pairs []tokenize.Encoding
	var errs []error
	from := make([]int, len(requests)+1) // the pairs of request i are those from from[i] to from[i+1]
	for i, r := range requests {
		own, err := z.pairs(r)
		if err != nil {
			errs = append(errs, optimize.FailItem(i, err))
		}
		pairs = append(pairs, own...)
		from[i+1] = len(pairs)
	}
	logits := make([][]float32, len(pairs))
	err := z.runGroups(ctx, pairs, z.eng.Padded, func(outputs []optimize.Tensor, at []int) error {
		group, err := rows(outputs[0], len(at))
		if err != nil {
			return err
		}
		for k, i := range at {
			if len(group[k]) <= max(z.entailment, z.contradiction) {
				return fmt.Errorf("the model gave %d logits: %w", len(group[k]), quintet.ErrModel)
			}
			logits[i] = group[k]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([][]Label, len(requests))
	for i, r := range requests {
		if own := logits[from[i]:from[i+1]]; len(own) > 0 {
			out[i] = z.rank(z.labels(r), own)
		}
	}
	return out, errors.Join(errs...)
}

// pairs returns the encodings of a text with the sentence of each label.
func (z *ZeroShot) pairs(r ZeroShotRequest) ([]tokenize.Encoding, error) {
	labels := z.labels(r)
	out := make([]tokenize.Encoding, len(labels))
	for i, l := range labels {
		x := z.tokens.EncodePair(tokenize.Encoding{}, r.Text, strings.Replace(z.opt.Template, "{}", l, 1))
		if !slices.Contains(x.SequenceIDs, 0) {
			return nil, fmt.Errorf("no token of the text is left beside label %d, limit %d tokens: %w",
				i, z.tokens.Truncation().MaxTokens, quintet.ErrInput)
		}
		out[i] = x
	}
	return out, nil
}

// rank turns the logits of a text with each label into scores.
func (z *ZeroShot) rank(labels []string, logits [][]float32) []Label {
	out := make([]Label, len(labels))
	entailed := make([]float32, len(labels))
	for i, row := range logits {
		out[i].Label, entailed[i] = labels[i], row[z.entailment]
	}
	scores := softmax(entailed)
	for i, row := range logits {
		if out[i].Score = scores[i]; z.opt.MultiLabel || len(labels) == 1 {
			out[i].Score = sigmoid(row[z.entailment] - row[z.contradiction])
		}
	}
	slices.SortStableFunc(out, func(a, b Label) int { return cmp.Compare(b.Score, a.Score) })
	return out
}
