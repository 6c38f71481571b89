package text

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/synth"
)

// The table is held against a map, over growth and a reset.
func TestVocabularyIsAMapThatCounts(t *testing.T) {
	var v vocabulary
	for seed := range uint64(2) {
		v.reset()
		rng, count, ids := synth.Rand(seed), map[string]int32{}, map[string]int32{}
		for range 5000 {
			word := fmt.Sprintf("Word%d", rng.IntN(900))
			low := strings.ToLower(word)
			id := v.add(word)
			if count[low]++; count[low] == 1 {
				ids[low] = int32(len(ids)) // numbered as they come
			}
			require.Equal(t, ids[low], id)
			require.Equal(t, count[low], v.count[id])
			require.Equal(t, low, string(v.word(id)))
		}
		require.Equal(t, len(ids), v.size())
	}
}

func TestVocabularyFoldsCaseAndApostrophes(t *testing.T) {
	var v vocabulary
	for _, same := range [][2]string{{"It’s", "it's"}, {"ÉTÉ", "été"}, {"ЖУК", "жук"}} {
		require.Equal(t, v.add(same[0]), v.add(same[1]), same[0])
	}
	require.NotEqual(t, v.add("a"), v.add("á"))
}
