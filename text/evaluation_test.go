package text_test

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/clipperhouse/uax29/v2/sentences"
	"github.com/clipperhouse/uax29/v2/words"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text"
)

// The figures of doc.go. Each test prints one, on data for tuning that is not
// part of this module, and fails if it falls below what doc.go says.

// data opens an evaluation file, or skips.
func data(t *testing.T, name string) *os.File {
	t.Helper()
	if text.RaceEnabled {
		t.Skip("a figure needs no race detector")
	}
	f, err := os.Open("../../shared/data/text/" + name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not there", name)
	}
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func TestEvaluateKeywords(t *testing.T) {
	methods := map[string]func(string, int) []text.Keyword{
		"rarity": text.Keywords, "rake": text.RAKE, "textrank": text.TextRank,
	}
	for set, floors := range map[string]map[string]float64{
		"inspec":      {"rarity": 0.315, "rake": 0.23, "textrank": 0.305},
		"semeval2017": {"rarity": 0.34, "rake": 0.215, "textrank": 0.33},
	} {
		for name, floor := range floors {
			t.Run(set+"/"+name, func(t *testing.T) {
				f1, docs := keywordF1(t, data(t, "keyphrase-"+set+"-dev.jsonl"), methods[name])
				t.Logf("text/keywords_%s by %s F1@10 %.3f on %d documents", set, name, f1, docs)
				require.Greater(t, f1, floor)
			})
		}
	}
}

// keywordF1 is the F1 of the mean precision and recall of the first ten keywords.
func keywordF1(t *testing.T, r io.Reader, keywords func(string, int) []text.Keyword) (f1 float64, docs int) {
	t.Helper()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	precision, recall := 0.0, 0.0
	for lines.Scan() {
		var d struct {
			Text string
			Keys []string
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &d))
		gold, found := map[string]bool{}, map[string]bool{}
		for _, k := range d.Keys {
			gold[stems(k)] = true
		}
		hits := 0.0
		for _, k := range keywords(d.Text, 10) {
			s := stems(k.Term)
			if gold[s] && !found[s] {
				hits++
			}
			found[s] = true
		}
		precision += hits / float64(max(1, len(found)))
		recall += hits / float64(max(1, len(gold)))
		docs++
	}
	require.NoError(t, lines.Err())
	return 2 * precision * recall / (precision + recall) / float64(docs), docs
}

var keyWord = regexp.MustCompile(`[a-z0-9'-]+`)

func stems(phrase string) string {
	var out []string
	for _, w := range keyWord.FindAllString(strings.ToLower(phrase), -1) {
		out = append(out, text.Stem(w))
	}
	return strings.Join(out, " ")
}

func TestEvaluateLexical(t *testing.T) {
	rows, err := csv.NewReader(data(t, "stsb-en-dev.csv")).ReadAll()
	require.NoError(t, err)
	var got, want []float64
	for _, row := range rows {
		score, err := strconv.ParseFloat(row[2], 64)
		require.NoError(t, err)
		want = append(want, score)
		got = append(got, dot(lexical(row[0]), lexical(row[1])))
	}
	rho := pearson(ranks(got), ranks(want))
	t.Logf("text/sts_dev Spearman %.3f on %d pairs", rho, len(rows))
	require.Greater(t, rho, 0.795)
}

// ranks returns the rank of each value, the mean of their ranks for equal ones.
func ranks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	out := make([]float64, len(x))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && x[order[j]] == x[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			out[k] = float64(i+j-1) / 2
		}
		i = j
	}
	return out
}

func pearson(x, y []float64) float64 {
	var sx, sy, xx, yy, xy float64
	for i := range x {
		sx, sy = sx+x[i], sy+y[i]
		xx, yy, xy = xx+x[i]*x[i], yy+y[i]*y[i], xy+x[i]*y[i]
	}
	n := float64(len(x))
	return (n*xy - sx*sy) / math.Sqrt((n*xx-sx*sx)*(n*yy-sy*sy))
}

func TestEvaluateSegmentation(t *testing.T) {
	docs := readTreebank(t, "ud-ewt-dev.conllu")
	for _, tt := range []struct {
		name  string
		split func(body string) []text.Span
		gold  func(treebankDoc) []text.Span
		floor float64 // 0 for a peer
	}{
		{"sentences", sentenceSpans, treebankDoc.sentenceSpans, 0.86},
		{"sentences_uax29", unicodeSentences, treebankDoc.sentenceSpans, 0},
		{"tokens", tokenSpans, treebankDoc.tokenSpans, 0.96},
		{"tokens_uax29", unicodeWords, treebankDoc.tokenSpans, 0},
	} {
		hits, golds, founds := 0, 0, 0
		for _, d := range docs {
			gold := map[text.Span]bool{}
			for _, s := range tt.gold(d) {
				gold[s] = true
			}
			found := tt.split(d.body)
			golds, founds = golds+len(gold), founds+len(found)
			for _, s := range found {
				if gold[s] {
					hits++
				}
			}
		}
		f1 := 2 * float64(hits) / float64(golds+founds)
		t.Logf("text/%s F1 %.3f on %d", tt.name, f1, golds)
		require.Greater(t, f1, tt.floor)
	}
}

func sentenceSpans(body string) (out []text.Span) {
	for _, s := range text.Sentences(body) {
		out = append(out, s.Span)
	}
	return out
}

func tokenSpans(body string) (out []text.Span) {
	for _, s := range text.Tokens(body) {
		out = append(out, s.Span)
	}
	return out
}

func unicodeSentences(body string) (out []text.Span) {
	for it := sentences.FromString(body); it.Next(); {
		out = appendTrimmed(out, body, it.Start(), it.End())
	}
	return out
}

func unicodeWords(body string) (out []text.Span) {
	for it := words.FromString(body); it.Next(); {
		out = appendTrimmed(out, body, it.Start(), it.End())
	}
	return out
}

// appendTrimmed appends a span less the white space around it, if any is left.
func appendTrimmed(out []text.Span, body string, start, end int) []text.Span {
	start = end - len(strings.TrimLeft(body[start:end], " \n"))
	end = start + len(strings.TrimRight(body[start:end], " \n"))
	if start == end {
		return out
	}
	return append(out, text.Span{Start: start, End: end})
}

// treebankDoc is a document of a CoNLL-U file with its spans.
type treebankDoc struct {
	body              string
	sentences, tokens []text.Span
}

func (d treebankDoc) sentenceSpans() []text.Span { return d.sentences }
func (d treebankDoc) tokenSpans() []text.Span    { return d.tokens }

// readTreebank joins the sentences of each document with spaces, its paragraphs
// with blank lines.
func readTreebank(t *testing.T, name string) (docs []treebankDoc) {
	t.Helper()
	lines := bufio.NewScanner(data(t, name))
	lines.Buffer(nil, 1<<20)
	gap, at := "", 0
	for lines.Scan() {
		line := lines.Text()
		d := &treebankDoc{}
		if len(docs) > 0 {
			d = &docs[len(docs)-1]
		}
		if body, ok := strings.CutPrefix(line, "# text = "); ok {
			at = len(d.body) + len(gap)
			d.body += gap + strings.TrimSpace(body)
			d.sentences = append(d.sentences, text.Span{Start: at, End: len(d.body)})
			gap = " "
			continue
		}
		switch {
		case strings.HasPrefix(line, "# newdoc"):
			docs, gap = append(docs, treebankDoc{}), ""
		case strings.HasPrefix(line, "# newpar") && d.body != "":
			gap = "\n\n"
		case line != "" && line[0] != '#':
			fields := strings.Split(line, "\t")
			found := strings.Index(d.body[at:], fields[1])
			if strings.ContainsAny(fields[0], "-.") || found < 0 || found > 1 {
				continue // the whole of a contraction, an empty node, a word written otherwise
			}
			d.tokens = append(d.tokens, text.Span{Start: at + found, End: at + found + len(fields[1])})
			at += found + len(fields[1])
		}
	}
	require.NoError(t, lines.Err())
	return docs
}
