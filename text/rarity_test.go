package text

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/english"
)

// TestRarityTable makes rarity.txt from the four collections of short texts that
// the VADER project publishes under the MIT licence, and holds the committed file
// against it. The inverse document frequency of a stem is the mean over the
// collections: tweets, reviews of films, reviews of goods and editorials. The table
// has the stems that at least three of them have.
func TestRarityTable(t *testing.T) {
	files, err := filepath.Glob("../../shared/data/text/vader-*.tsv")
	require.NoError(t, err)
	if RaceEnabled {
		t.Skip("a table needs no race detector")
	}
	if len(files) != 4 {
		t.Skip("the collections of VADER are not at ../../shared/data/text")
	}
	var counts []map[string]int
	var texts []int
	for _, f := range files {
		df, n := stemCounts(t, f)
		counts, texts = append(counts, df), append(texts, n)
	}
	table := rarityText(t, counts, texts)
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		require.NoError(t, os.WriteFile("rarity.txt", []byte(table), 0o644))
		return
	}
	require.Equal(t, table, rarityTable)
}

// rarityText writes the table for the counts of stems in collections of so many
// texts.
func rarityText(t *testing.T, counts []map[string]int, texts []int) string {
	t.Helper()
	sum, in := map[string]float64{}, map[string]int{}
	for _, df := range counts {
		for s := range df {
			in[s]++
		}
	}
	for s, collections := range in {
		if collections < len(counts)-1 {
			continue
		}
		for i, df := range counts {
			sum[s] += math.Log(float64(texts[i]+1) / float64(df[s]+1))
		}
	}
	stems := slices.SortedFunc(maps.Keys(sum), func(a, b string) int {
		return cmp.Or(cmp.Compare(sum[a], sum[b]), cmp.Compare(a, b))
	})
	var b strings.Builder
	b.WriteString("# Stems of common English words by 4*idf, from hutto_ICWSM_2014 of cjhutto/vaderSentiment (MIT).")
	last := 0
	for _, s := range stems {
		if class := max(1, int(math.Round(4*sum[s]/float64(len(counts))))); class != last {
			fmt.Fprintf(&b, "\n%d", class)
			last = class
		}
		b.WriteString(" " + s)
	}
	b.WriteByte('\n')
	require.Less(t, last, unlisted)
	return b.String()
}

// stemCounts counts for each stem the texts that have it, one text a line behind
// two tabs.
func stemCounts(t *testing.T, path string) (df map[string]int, texts int) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	df = map[string]int{}
	for line := range strings.Lines(string(b)) {
		fields := strings.SplitN(line, "\t", 3)
		if len(fields) < 3 {
			continue
		}
		texts++
		seen := map[string]bool{}
		for _, tok := range Tokens(fields[2]) {
			s := string(english.Stem(appendFolded(nil, tok.Of(fields[2]))))
			if tok.Kind == TokenWord && len(s) > 0 && s[0] < 0x80 && !seen[s] {
				seen[s] = true
				df[s]++
			}
		}
	}
	return df, texts
}

func TestRarityOrdersWords(t *testing.T) {
	require.Less(t, rarity([]byte("the")), rarity([]byte("hous")))
	require.Less(t, rarity([]byte("hous")), rarity([]byte("zebra")))
	require.Equal(t, rarity([]byte("zebrafish")), rarityWeight[unlisted])
	require.Greater(t, len(rarities()), 3000)
}
