package text_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text"
)

// repeats are passages of one sentence.
var repeats = []string{
	"ha ", "ha, ", "(", "[{", "{ ", "\u200b", "\xff ", "no no yes ", "New York ", "he said she said ", "A ", "a-", "one two three four five ",
	"very very very good ", "to to be ", "THE END ", "Ada Lovelace, ", "\u0301 ",
}

// Words that repeat are not read, and have the tags that they would have if they were.
func TestRepeatedWordsHaveTheTagsOfTheFirst(t *testing.T) {
	for _, p := range repeats {
		for _, n := range []int{7, 8, 9, 10, 30, 101} {
			for _, body := range []string{
				strings.Repeat(p, n), "They went to " + strings.Repeat(p, n), strings.Repeat(p, n) + "and then they left",
			} {
				var got []text.Tag
				for _, w := range text.Tags(body) {
					got = append(got, w.Tag)
				}
				require.Equal(t, text.NaiveTags(body), got, "%q", body)
			}
		}
	}
}

func TestRepeatedWordsHaveTheirLemmasAndNames(t *testing.T) {
	body := "We saw " + strings.Repeat("Ada Lovelace, ", 100) + "and left"
	entities := text.Entities(body)
	require.Len(t, entities, 100)
	words := text.Lemmas(body)
	require.Len(t, words, 2+300+2)
	for i, e := range entities {
		require.Equal(t, "Ada Lovelace", e.Of(body))
		require.Equal(t, text.EntityPerson, e.Label)
		require.Equal(t, "Lovelace", words[3+3*i].Lemma)
	}
	require.Equal(t, "leave", words[len(words)-1].Lemma)
}

// The work on words that repeat does not grow with the body.
func TestRepeatedWordsAreNotRead(t *testing.T) {
	for _, p := range []string{"(", ")", "[", "]", "{", "()", "[{", "\u200b", "ha ", "New York "} {
		few, many := strings.Repeat(p, 1<<8), strings.Repeat(p, 1<<14)
		require.LessOrEqual(t, text.ModelWords(few), 64, "%q", p)
		require.Equal(t, text.ModelWords(few), text.ModelWords(many), "%q", p)
	}
	require.Equal(t, len(text.Words(sample)), text.ModelWords(sample), "prose is read")
}
