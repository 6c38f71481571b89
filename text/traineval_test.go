package text_test

import (
	"bufio"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text"
)

// readLabeled reads lines of a text and a label with a tab between.
func readLabeled(t *testing.T, name string, labelFirst bool) (out []text.LabeledText) {
	t.Helper()
	lines := bufio.NewScanner(data(t, name))
	for lines.Scan() {
		a, b, ok := strings.Cut(lines.Text(), "\t")
		if !ok {
			continue
		}
		if labelFirst {
			a, b = b, a
		}
		out = append(out, text.LabeledText{Text: a, Label: b})
	}
	require.NoError(t, lines.Err())
	return out
}

func accuracy(c *text.LinearClassifier, set []text.LabeledText) float64 {
	right := 0.0
	for _, x := range set {
		if c.Classify(x.Text)[0].Label == x.Label {
			right++
		}
	}
	return right / float64(len(set))
}

// The data for languages has no part for training, so of its lines each fourth is kept
// for measuring.
func TestEvaluateTrain(t *testing.T) {
	var languages, heldOut []text.LabeledText
	for i, x := range readLabeled(t, "langid-sentences-dev.tsv", true) {
		if i%4 == 0 {
			heldOut = append(heldOut, x)
		} else {
			languages = append(languages, x)
		}
	}
	sst, sstDev := readLabeled(t, "sst2-train.tsv", false), readLabeled(t, "sst2-dev.tsv", false)
	for name, tt := range map[string]struct {
		train, test []text.LabeledText
		opt         text.TrainOptions
		floor       float64
	}{
		"sst2_logistic":   {sst, sstDev, text.TrainOptions{}, 0.785},
		"sst2_bayes":      {sst, sstDev, text.TrainOptions{Method: text.ComplementBayes}, 0.80},
		"languages_bayes": {languages, heldOut, text.TrainOptions{Words: 1, Characters: 4, Method: text.ComplementBayes}, 0.93},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := text.Train(t.Context(), slices.Values(tt.train), tt.opt)
			require.NoError(t, err)
			right := accuracy(c, tt.test)
			t.Logf("text/train_%s accuracy %.3f on %d, %d features", name, right, len(tt.test), c.Features())
			require.Greater(t, right, tt.floor)
		})
	}
}
