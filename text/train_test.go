package text_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text"
)

func ExampleTrain() {
	examples := []text.LabeledText{
		{Text: "The invoice of March has not been paid", Label: "billing"},
		{Text: "Please send me a refund for my order", Label: "billing"},
		{Text: "I was charged twice for one order", Label: "billing"},
		{Text: "The app crashes when I open it", Label: "bug"},
		{Text: "Nothing happens after I press the button", Label: "bug"},
		{Text: "The page shows an error and stays blank", Label: "bug"},
	}
	c, err := text.Train(context.Background(), slices.Values(examples), text.TrainOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Classify("My order was charged to the wrong card")[0].Label)
	fmt.Println(c.Classify("An error, and then it crashes")[0].Label)
	// Output:
	// billing
	// bug
}

// topicExamples are texts of words that two in three times are of their label.
func topicExamples(n int) (out []text.LabeledText) {
	rng := rand.New(rand.NewPCG(3, 4))
	labels := []string{"sea", "hill", "town"}
	for range n {
		label := labels[rng.IntN(len(labels))]
		var b strings.Builder
		for range 1 + rng.IntN(12) {
			from := label
			if rng.IntN(3) == 0 {
				from = labels[rng.IntN(len(labels))]
			}
			fmt.Fprintf(&b, "%s%c ", from, 'a'+rune(rng.IntN(20)))
		}
		out = append(out, text.LabeledText{Text: b.String(), Label: label})
	}
	return out
}

func train(t testing.TB, examples []text.LabeledText, o text.TrainOptions) *text.LinearClassifier {
	t.Helper()
	c, err := text.Train(t.Context(), slices.Values(examples), o)
	require.NoError(t, err)
	return c
}

func TestTrainLearns(t *testing.T) {
	examples := topicExamples(600)
	for name, o := range map[string]text.TrainOptions{
		"logistic":                  {},
		"bayes":                     {Method: text.ComplementBayes},
		"one pass":                  {Epochs: 1},
		"characters only matter":    {Words: 1, Characters: 3},
		"long runs":                 {Words: 4, Characters: 6, Method: text.ComplementBayes},
		"few features":              {MaxFeatures: 60, Words: 1},
		"another order of examples": {Seed: 9},
	} {
		t.Run(name, func(t *testing.T) {
			c := train(t, examples[:400], o)
			require.Equal(t, []string{"hill", "sea", "town"}, c.Labels())
			require.Greater(t, accuracy(c, examples[400:]), 0.8)
			if o.MaxFeatures > 0 {
				require.Equal(t, o.MaxFeatures, c.Features())
			}
			sum := 0.0
			labels := c.Classify(examples[400].Text)
			for i, l := range labels {
				sum += l.Score
				require.LessOrEqual(t, l.Score, labels[max(0, i-1)].Score)
			}
			require.InDelta(t, 1, sum, 1e-9)
		})
	}
}

func TestTrainGivesTheSameTwice(t *testing.T) {
	examples := topicExamples(100)
	for name, o := range map[string]text.TrainOptions{"logistic": {}, "bayes": {Method: text.ComplementBayes}} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, classifierFile(t, train(t, examples, o)), classifierFile(t, train(t, examples, o)))
		})
	}
	other := classifierFile(t, train(t, examples, text.TrainOptions{Seed: 1}))
	require.NotEqual(t, other, classifierFile(t, train(t, examples, text.TrainOptions{})), "another seed, another order")
}

func classifierFile(t testing.TB, c *text.LinearClassifier) []byte {
	t.Helper()
	var file bytes.Buffer
	n, err := c.WriteTo(&file)
	require.NoError(t, err)
	require.EqualValues(t, file.Len(), n)
	return file.Bytes()
}

// Complement naive Bayes by its formula, on texts of single words without repeats, all
// in one example or another.
func TestTrainBayesIsTheFormula(t *testing.T) {
	examples := []text.LabeledText{{Text: "p", Label: "a"}, {Text: "q", Label: "b"}, {Text: "q", Label: "b"}, {Text: "p", Label: "b"}}
	c := train(t, examples, text.TrainOptions{Method: text.ComplementBayes, Words: 1, Smoothing: 1})
	rare := math.Log(5.0/3) + 1 // both words are in two of four texts
	weight := func(others, all float64) float64 { return -math.Log((others*rare + 1) / (all*rare + 2)) }
	a, b := weight(1, 3)*rare, weight(1, 1)*rare // of p: outside of a once, outside of b once
	got := c.Classify("p")
	slices.SortFunc(got, func(x, y text.Label) int { return strings.Compare(x.Label, y.Label) })
	require.InDelta(t, math.Exp(a)/(math.Exp(a)+math.Exp(b)), got[0].Score, 1e-6)
}

// Of one word that says nothing, the probabilities are the shares of the labels.
func TestTrainLogisticFindsShares(t *testing.T) {
	var examples []text.LabeledText
	for i := range 400 {
		examples = append(examples, text.LabeledText{Text: "word", Label: string("aaab"[i%4])})
	}
	c := train(t, examples, text.TrainOptions{Words: 1, Epochs: 30})
	require.Equal(t, "a", c.Classify("word")[0].Label)
	require.InDelta(t, 0.75, c.Classify("word")[0].Score, 0.03)
}

func TestTrainTellsOfProgress(t *testing.T) {
	var told []text.TrainProgress
	o := text.TrainOptions{Epochs: 3, Progress: func(p text.TrainProgress) { told = append(told, p) }}
	train(t, topicExamples(200), o)
	require.Len(t, told, 3)
	for i, p := range told {
		require.Equal(t, []int{i + 1, 3, 200}, []int{p.Epoch, p.Epochs, p.Examples})
		require.Less(t, p.Loss, told[max(0, i-1)].Loss+1e-9)
	}
	require.Less(t, told[0].Loss, math.Log(3), "better than chance")
}

func TestTrainRefuses(t *testing.T) {
	two := []text.LabeledText{{Text: "x", Label: "a"}, {Text: "y", Label: "b"}}
	tests := map[string]struct {
		examples []text.LabeledText
		opt      text.TrainOptions
		want     error
	}{
		"no examples":           {nil, text.TrainOptions{}, quintet.ErrInput},
		"one label":             {two[:1], text.TrainOptions{}, quintet.ErrInput},
		"an empty label":        {append(slices.Clone(two), text.LabeledText{Text: "z"}), text.TrainOptions{}, quintet.ErrInput},
		"a label that is long":  {[]text.LabeledText{{Label: strings.Repeat("x", 1025)}}, text.TrainOptions{}, quintet.ErrInput},
		"a text that is long":   {[]text.LabeledText{{Text: "four", Label: "x"}}, text.TrainOptions{MaxBytes: 3}, quintet.ErrInput},
		"too much text":         {two, text.TrainOptions{MaxTotalBytes: 1}, quintet.ErrInput},
		"an unknown method":     {two, text.TrainOptions{Method: 9}, quintet.ErrOption},
		"a negative number":     {two, text.TrainOptions{Epochs: -1}, quintet.ErrOption},
		"runs of many words":    {two, text.TrainOptions{Words: 5}, quintet.ErrOption},
		"runs of many letters":  {two, text.TrainOptions{Characters: 7}, quintet.ErrOption},
		"a rate that is no one": {two, text.TrainOptions{Rate: math.NaN()}, quintet.ErrOption},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := text.Train(t.Context(), slices.Values(tt.examples), tt.opt)
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestTrainStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	read := 0
	_, err := text.Train(ctx, func(yield func(text.LabeledText) bool) {
		for yield(text.LabeledText{Text: "x", Label: "a"}) {
			if read++; read == 10 {
				cancel()
			}
		}
	}, text.TrainOptions{})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 10, read)

	ctx, cancel = context.WithCancel(t.Context())
	o := text.TrainOptions{Progress: func(text.TrainProgress) { cancel() }}
	_, err = text.Train(ctx, slices.Values(topicExamples(50)), o)
	require.ErrorIs(t, err, context.Canceled)
}

func TestClassifyTakesAnyBody(t *testing.T) {
	for name, o := range map[string]text.TrainOptions{"logistic": {}, "bayes": {Method: text.ComplementBayes, Characters: 3}} {
		c := train(t, topicExamples(50), o)
		for body, what := range map[string]string{
			"": "empty", " \n": "white space", "\xff\x00\xed\xa0\x80": "no UTF-8", "unknown words": "unknown",
			strings.Repeat("x", 1<<18): "an endless word",
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				labels := c.Classify(body)
				require.Len(t, labels, 3)
				for _, l := range labels {
					require.True(t, l.Score >= 0 && l.Score <= 1, l)
				}
			})
		}
	}
}

func TestLinearClassifierIsWrittenAndRead(t *testing.T) {
	examples := topicExamples(300)
	c := train(t, examples, text.TrainOptions{Characters: 3})
	file := bytes.NewBuffer(classifierFile(t, c))
	file.WriteString("what follows is left alone")
	again, err := text.ReadLinearClassifier(iotest.OneByteReader(file))
	require.NoError(t, err)
	require.Equal(t, "what follows is left alone", file.String())
	require.Equal(t, c.Features(), again.Features())
	for _, x := range examples {
		require.Equal(t, c.Classify(x.Text), again.Classify(x.Text))
	}
}

func TestReadLinearClassifierRefuses(t *testing.T) {
	file := classifierFile(t, train(t, topicExamples(300), text.TrainOptions{}))
	for size := 0; size < len(file); size += 1 + size/3 {
		_, err := text.ReadLinearClassifier(bytes.NewReader(file[:size]))
		require.ErrorIs(t, err, quintet.ErrModel, "%d bytes", size)
		bad := bytes.Clone(file)
		bad[size] ^= 1
		_, err = text.ReadLinearClassifier(bytes.NewReader(bad))
		require.ErrorIs(t, err, quintet.ErrModel, "byte %d", size)
	}
	zero := "\x00\x00\x00\x00"
	for name, payload := range map[string]string{
		"nothing":                      "",
		"no words in a run":            "\x00\x00\x02\x01a\x01b" + zero + zero,
		"one label":                    "\x01\x00\x01\x01a" + zero,
		"the same label twice":         "\x01\x00\x02\x01a\x01a" + zero + zero,
		"an empty label":               "\x01\x00\x02\x00\x01a" + zero + zero,
		"a number of labels alone":     "\x01\x00\xff\xff\xff\x0f",
		"no bias":                      "\x01\x00\x02\x01a\x01b" + zero,
		"a bias that is no number":     "\x01\x00\x02\x01a\x01b" + zero + "\x00\x00\xc0\x7f",
		"the same feature twice":       "\x01\x00\x02\x01a\x01b" + zero + zero + "\x05" + zero + zero + "\x00" + zero + zero,
		"a feature of 33 bits":         "\x01\x00\x02\x01a\x01b" + zero + zero + "\xff\xff\xff\xff\x1f" + zero + zero,
		"a feature that has no weight": "\x01\x00\x02\x01a\x01b" + zero + zero + "\x05",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := text.ReadLinearClassifier(bytes.NewReader(text.Sealed(text.ClassifierMagic, []byte(payload))))
			require.ErrorIs(t, err, quintet.ErrModel)
		})
	}
	_, err := text.ReadLinearClassifier(iotest.ErrReader(context.Canceled))
	require.ErrorIs(t, err, context.Canceled)
}

func FuzzReadLinearClassifier(f *testing.F) {
	f.Add([]byte("\x01\x00\x02\x01a\x01b\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x80\x3f\x00\x00\x00\x00"), true, "word")
	f.Add([]byte("QXTRAIN\x01\x00\x00\x00\x00"), false, "")
	f.Fuzz(func(t *testing.T, file []byte, seal bool, body string) {
		if seal {
			file = text.Sealed(text.ClassifierMagic, file)
		}
		c, err := text.ReadLinearClassifier(bytes.NewReader(file))
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrModel)
			return
		}
		again, err := text.ReadLinearClassifier(bytes.NewReader(classifierFile(t, c)))
		require.NoError(t, err)
		want := c.Classify(body)
		require.Equal(t, want, again.Classify(body))
		sum := 0.0
		for _, l := range want {
			sum += l.Score
		}
		require.InDelta(t, 1, sum, 1e-6)
	})
}

func BenchmarkTrain(b *testing.B) {
	examples := topicExamples(500)
	for name, o := range map[string]text.TrainOptions{"logistic": {}, "bayes": {Method: text.ComplementBayes}} {
		b.Run("method="+name, func(b *testing.B) {
			for b.Loop() {
				train(b, examples, o)
			}
		})
	}
}

func BenchmarkClassify(b *testing.B) {
	examples := topicExamples(500)
	c := train(b, examples, text.TrainOptions{})
	b.SetBytes(int64(len(examples[0].Text)))
	for b.Loop() {
		c.Classify(examples[0].Text)
	}
}
