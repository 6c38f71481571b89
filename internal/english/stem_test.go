package english_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/english"
)

// The examples of Porter's paper that hold for the whole algorithm, and ours for
// what it adds.
func TestStem(t *testing.T) {
	for word, want := range map[string]string{
		"caresses": "caress", "ponies": "poni", "caress": "caress", "cats": "cat", "feed": "feed", "agreed": "agre",
		"plastered": "plaster", "bled": "bled", "motoring": "motor", "sing": "sing", "conflated": "conflat",
		"troubled": "troubl", "sized": "size", "hopping": "hop", "tanned": "tan", "falling": "fall", "hissing": "hiss",
		"fizzed": "fizz", "failing": "fail", "filing": "file", "happy": "happi", "sky": "sky", "relational": "relat",
		"conditional": "condit", "rational": "ration", "digitizer": "digit", "vietnamization": "vietnam",
		"predication": "predic", "feudalism": "feudal", "decisiveness": "decis", "hopefulness": "hope",
		"formality": "formal", "sensitivity": "sensit", "triplicate": "triplic", "formative": "form",
		"electrical": "electr", "goodness": "good", "revival": "reviv", "allowance": "allow", "inference": "infer",
		"airliner": "airlin", "adjustable": "adjust", "replacement": "replac", "adoption": "adopt", "probate": "probat",
		"rate": "rate", "cease": "ceas", "controlling": "control", "rolling": "roll", "generalizations": "gener",
		"is": "is", "": "", "dog's": "dog", "web-based": "web-base", "mp3s": "mp3s", "cafés": "cafés", "-": "-",
	} {
		require.Equal(t, want, string(english.Stem([]byte(word))), word)
	}
}

func TestStemLeavesEndlessWordsAlone(t *testing.T) {
	for _, w := range []string{"y", "s", "e", "ing", "-", "'s"} {
		long := bytes.Repeat([]byte(w), 1<<20/len(w))
		require.LessOrEqual(t, len(english.Stem(long)), len(long))
	}
}
