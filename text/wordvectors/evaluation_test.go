package wordvectors_test

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/text/wordvectors"
)

// data opens an evaluation file, or skips.
func data(t *testing.T, name string) *os.File {
	t.Helper()
	if raceEnabled {
		t.Skip("a figure needs no race detector")
	}
	f, err := os.Open("../../../shared/data/text/" + name)
	if err != nil {
		t.Skipf("no evaluation data: %v", err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// embeddings are what is compared.
func embeddings(t *testing.T) map[string]func(string) []float32 {
	t.Helper()
	v := newVectors(t, wordvectors.Options{})
	return map[string]func(string) []float32{
		"lexical": func(s string) []float32 { return text.Lexical(s, make([]float32, 384)) },
		"words":   func(s string) []float32 { return v.Embed(s, nil) },
		"blend":   func(s string) []float32 { return v.Blend(s, nil) },
	}
}

func TestEvaluateSimilarity(t *testing.T) {
	rows, err := csv.NewReader(data(t, "stsb-en-dev.csv")).ReadAll()
	require.NoError(t, err)
	floors := map[string]float64{"lexical": 0.79, "words": 0.695, "blend": 0.805}
	for name, embed := range embeddings(t) {
		var ours, gold []float64
		for _, r := range rows {
			score, err := strconv.ParseFloat(r[2], 64)
			require.NoError(t, err)
			gold = append(gold, score)
			ours = append(ours, text.Cosine(embed(r[0]), embed(r[1])))
		}
		got := pearson(ranks(ours), ranks(gold))
		fmt.Printf("STS-B dev, %-8s Spearman %.3f on %d pairs\n", name, got, len(rows))
		require.Greater(t, got, floors[name], name)
	}
}

// The halves of an abstract are about the same. Words that both have are taken out
// of the second, so that only what they are about is left.
func TestEvaluateTopics(t *testing.T) {
	lines := bufio.NewScanner(data(t, "keyphrase-inspec-dev.jsonl"))
	lines.Buffer(nil, 1<<20)
	var first, second []string
	for lines.Scan() && len(first) < 300 {
		var d struct{ Text string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &d))
		words := strings.Fields(d.Text)
		seen := map[string]bool{}
		for _, w := range words[:len(words)/2] {
			seen[strings.ToLower(w)] = true
		}
		rest := slices.DeleteFunc(slices.Clone(words[len(words)/2:]), func(w string) bool { return seen[strings.ToLower(w)] })
		first, second = append(first, strings.Join(words[:len(words)/2], " ")), append(second, strings.Join(rest, " "))
	}
	require.NoError(t, lines.Err())
	floors := map[string]float64{"lexical": 0.45, "words": 0.39, "blend": 0.52}
	for name, embed := range embeddings(t) {
		var all [][]float32
		for _, s := range second {
			all = append(all, embed(s))
		}
		found := 0.0
		for i, s := range first {
			v, better := embed(s), 0
			for _, other := range all {
				if text.Cosine(v, other) > text.Cosine(v, all[i]) {
					better++
				}
			}
			if better < 10 {
				found++
			}
		}
		got := found / float64(len(first))
		fmt.Printf("halves of Inspec abstracts without shared words, %-8s in the first 10 of %d: %.3f\n", name, len(first), got)
		require.Greater(t, got, floors[name], name)
	}
}

// ranks returns the rank of each number; equal ones share their mean rank.
func ranks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	rank := make([]float64, len(x))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && x[order[j]] == x[order[i]] {
			j++
		}
		for _, at := range order[i:j] {
			rank[at] = float64(i+j-1) / 2
		}
		i = j
	}
	return rank
}

func pearson(x, y []float64) float64 {
	n := float64(len(x))
	var sx, sy, sxx, syy, sxy float64
	for i := range x {
		sx, sy = sx+x[i], sy+y[i]
		sxx, syy, sxy = sxx+x[i]*x[i], syy+y[i]*y[i], sxy+x[i]*y[i]
	}
	return (sxy - sx*sy/n) / math.Sqrt((sxx-sx*sx/n)*(syy-sy*sy/n))
}
