package text

import (
	"flag"
	"hash/fnv"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ratedSets are the collections that the VADER project publishes under the MIT
// licence: texts with the mean rating of about twenty people, from -4 to 4.
var ratedSets = []string{"tweets", "amazonReviewSnippets", "movieReviewSnippets", "nytEditorialSnippets"}

// TestSentimentModel trains the linear model and holds the committed file against
// it, bit for bit.
func TestSentimentModel(t *testing.T) {
	c := newCorpus()
	got := c.train(readRated(t, c)).bytes()
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		require.NoError(t, os.WriteFile("sentiment.bin", got, 0o644))
		return
	}
	require.True(t, sentimentModel == string(got), "sentiment.bin is not what the training makes")
}

// TestEvaluateSentiment prints the accuracy on the development split of SST-2,
// none of which is in the training, and for each collection the correlation with
// the ratings, of texts that five models were not trained on. The last two are the
// documents that the texts were cut from, with the mean of their ratings. VADER
// alone stands beside; of its zeros half are taken as right.
func TestEvaluateSentiment(t *testing.T) {
	c := newCorpus()
	texts := readRated(t, c)
	model, rules := sst2Accuracy(t, sst2(t, "dev"))
	t.Logf("text/sentiment_sst2_dev accuracy %.3f, vader %.3f", model, rules)
	require.Greater(t, model, 0.815)

	whole := documents(c, texts)
	predicted := crossValidate(c, texts, append(texts, whole...))
	for _, tt := range []struct {
		set   string
		floor float64
	}{
		{"tweets", 0.875}, {"amazonReviewSnippets", 0.70}, {"movieReviewSnippets", 0.69}, {"nytEditorialSnippets", 0.51},
		{"amazonReviewSnippets, whole", 0.7}, {"nytEditorialSnippets, whole", 0.5},
	} {
		var ratings, ours, theirs []float64
		for i, x := range append(texts, whole...) {
			if x.set == tt.set {
				ratings, ours, theirs = append(ratings, x.rating), append(ours, predicted[i]), append(theirs, x.vader.compound)
			}
		}
		r := correlation(ours, ratings)
		t.Logf("text/sentiment_%s r %.3f, vader %.3f, on %d texts", tt.set, r, correlation(theirs, ratings), len(ratings))
		require.Greater(t, r, tt.floor)
	}
}

// sst2Accuracy returns the accuracies of the product's score and of its compound
// score.
func sst2Accuracy(t *testing.T, texts []sst2Text) (model, rules float64) {
	t.Helper()
	for _, x := range texts {
		s := AnalyzeSentiment(x.body)
		if (s.Score > 0) == x.positive {
			model++
		}
		switch {
		case s.Compound == 0:
			rules += 0.5
		case (s.Compound > 0) == x.positive:
			rules++
		}
	}
	return model / float64(len(texts)), rules / float64(len(texts))
}

// documents joins the texts of each group that has several, as it stood.
func documents(c *ratedTexts, texts []*ratedText) (whole []*ratedText) {
	parts := 1.0
	for i, x := range texts {
		switch {
		case i == 0 || x.group != texts[i-1].group:
			parts = 1
			continue
		case parts == 1:
			first := texts[i-1]
			whole = append(whole, &ratedText{
				set: x.set + ", whole", group: x.group, body: first.body, rating: first.rating,
			})
		}
		d := whole[len(whole)-1]
		d.body += " " + x.body
		d.rating += (x.rating - d.rating) / (parts + 1)
		parts++
	}
	for _, d := range whole {
		c.read(d)
	}
	return whole
}

// crossValidate predicts the ratings of asked, each by a model that was trained on
// the texts of four fifths of the groups, its own not among them.
func crossValidate(c *ratedTexts, texts, asked []*ratedText) []float64 {
	const folds = 5
	fold := func(x *ratedText) uint32 {
		h := fnv.New32a()
		h.Write([]byte(x.group))
		return h.Sum32() >> 8 % folds
	}
	out := make([]float64, len(asked))
	for k := range uint32(folds) {
		var others []*ratedText
		for _, x := range texts {
			if fold(x) != k {
				others = append(others, x)
			}
		}
		m := c.train(others)
		for i, x := range asked {
			if fold(x) == k {
				out[i] = c.predictText(m, x)
			}
		}
	}
	return out
}

func correlation(x, y []float64) float64 {
	n, sx, sy, xx, yy, xy := float64(len(x)), 0.0, 0.0, 0.0, 0.0, 0.0
	for i := range x {
		sx, sy = sx+x[i], sy+y[i]
		xx, yy, xy = xx+x[i]*x[i], yy+y[i]*y[i], xy+x[i]*y[i]
	}
	return (n*xy - sx*sy) / math.Sqrt((n*xx-sx*sx)*(n*yy-sy*sy))
}

// readRated reads the collections, less the texts that stand in the development
// split of SST-2. Those of its test split are not in the files.
func readRated(t *testing.T, c *ratedTexts) (all []*ratedText) {
	t.Helper()
	held := windows(sst2(t, "dev"))
	for _, set := range ratedSets {
		for line := range strings.Lines(readShared(t, "vader-"+set+".tsv")) {
			fields := strings.SplitN(strings.TrimRight(line, "\r\n"), "\t", 3)
			if len(fields) < 3 || held.overlap(fields[2]) {
				continue
			}
			rating, err := strconv.ParseFloat(fields[1], 64)
			require.NoError(t, err)
			group, _, _ := strings.Cut(fields[0], "_")
			x := &ratedText{set: set, group: set + group, body: fields[2], rating: rating}
			c.read(x)
			all = append(all, x)
		}
	}
	return all
}

// readShared reads a file of the data for tuning, or skips.
func readShared(t *testing.T, name string) string {
	t.Helper()
	if RaceEnabled {
		t.Skip("a model needs no race detector")
	}
	b, err := os.ReadFile("../../shared/data/text/" + name)
	if os.IsNotExist(err) {
		t.Skipf("%s is not there", name)
	}
	require.NoError(t, err)
	return string(b)
}

// sst2Text is a text of SST-2 with its label.
type sst2Text struct {
	body     string
	positive bool
}

func sst2(t *testing.T, split string) (out []sst2Text) {
	t.Helper()
	for line := range strings.Lines(readShared(t, "sst2-"+split+".tsv")) {
		body, label, ok := strings.Cut(strings.TrimSpace(line), "\t")
		require.True(t, ok)
		out = append(out, sst2Text{body, label == "1"})
	}
	return out
}

// letterWindows are whole texts and pieces of texts, by their letters alone.
type letterWindows map[string]bool

const windowLetters = 25

func windows(texts []sst2Text) letterWindows {
	w := letterWindows{}
	for _, x := range texts {
		s := lettersOf(x.body)
		w[s] = true
		for i := 0; i+windowLetters <= len(s); i++ {
			w[s[i:i+windowLetters]] = true
		}
	}
	return w
}

// overlap reports whether body is one of the texts or shares a piece with one.
func (w letterWindows) overlap(body string) bool {
	s := lettersOf(body)
	for i := 0; i+windowLetters <= len(s); i += 5 {
		if w[s[i:i+windowLetters]] {
			return true
		}
	}
	return w[s]
}

func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r |= 0x20; 'a' <= r && r <= 'z' {
			return r
		}
		return -1
	}, s)
}
