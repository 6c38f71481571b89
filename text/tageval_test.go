package text_test

import (
	"bufio"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text"
)

// goldWord is a word of a treebank: where it is, its part of speech and its lemma.
type goldWord struct{ tag, lemma string }

// goldDoc is a document of a treebank. Count has the words that are written otherwise
// than the text has them too.
type goldDoc struct {
	body  string
	words map[text.Span]goldWord
	count int
}

// readGold reads the words of the documents that readTreebank reads.
func readGold(t *testing.T, name string) (docs []goldDoc) {
	t.Helper()
	for _, d := range readTreebank(t, name) {
		docs = append(docs, goldDoc{d.body, map[text.Span]goldWord{}, 0})
	}
	lines := bufio.NewScanner(data(t, name))
	lines.Buffer(nil, 1<<20)
	doc, at := -1, 0
	for lines.Scan() {
		line := lines.Text()
		f := strings.Split(line, "\t")
		switch {
		case strings.HasPrefix(line, "# newdoc"):
			doc, at = doc+1, 0
		case strings.HasPrefix(line, "# text = "):
			at += strings.Index(docs[doc].body[at:], strings.TrimSpace(line[len("# text = "):]))
		case len(f) > 4 && !strings.ContainsAny(f[0], "-."):
			d := &docs[doc]
			d.count++
			if found := strings.Index(d.body[at:], f[1]); found == 0 || found == 1 {
				start := at + found
				at = start + len(f[1])
				d.words[text.Span{Start: start, End: at}] = goldWord{f[4], f[2]}
			}
		}
	}
	require.NoError(t, lines.Err())
	return docs
}

// TestEvaluateTags prints how many of the words of a treebank are found, and of all of
// them how many have their part of speech and their lemma, from the bare text.
func TestEvaluateTags(t *testing.T) {
	gold, found, hits, tags, lemmas := 0, 0, 0, 0, 0
	for _, d := range readGold(t, "ud-ewt-dev.conllu") {
		gold += d.count
		for _, w := range text.Lemmas(d.body) {
			found++
			g, ok := d.words[w.Span]
			if !ok {
				continue
			}
			hits++
			if w.Tag.String() == g.tag {
				tags++
			}
			if w.Lemma == g.lemma {
				lemmas++
			}
		}
	}
	for _, figure := range []struct {
		name  string
		value float64
		peers string
		floor float64
	}{
		{"words F1", 2 * float64(hits) / float64(gold+found), "prose 0.961, wink-nlp 0.973", 0.985},
		{"tags of all words", float64(tags) / float64(gold), "prose 0.826", 0.92},
		{"tags of the words found", float64(tags) / float64(hits), "prose 0.866", 0.93},
		{"lemmas of all words", float64(lemmas) / float64(gold), "none", 0.95},
	} {
		t.Logf("text/%s %.4f of %d (peers, test split: %s)", figure.name, figure.value, gold, figure.peers)
		require.Greater(t, figure.value, figure.floor)
	}
}
