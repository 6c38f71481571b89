package english_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/perceptron/english"
)

func TestRegularForms(t *testing.T) {
	for kind, pairs := range map[english.Inflection]map[string]string{
		english.Plural: {
			"cats": "cat", "boxes": "box", "cities": "city", "ties": "tie", "houses": "house", "viruses": "virus",
			"classes": "class", "heroes": "hero", "glass": "glass", "basis": "basis", "s": "s", "PCs": "PC",
		},
		english.Third: {"runs": "run", "goes": "go", "tries": "try", "uses": "use", "watches": "watch"},
		english.Past: {
			"walked": "walk", "hoped": "hope", "stopped": "stop", "tried": "try", "used": "use", "settled": "settle",
			"related": "relate", "visited": "visit", "shared": "share", "called": "call", "rowed": "row",
		},
		english.Ing:         {"walking": "walk", "making": "make", "running": "run", "seeing": "see", "thing": "thing"},
		english.Comparative: {"higher": "high", "happier": "happy", "bigger": "big", "nicer": "nice"},
		english.Superlative: {"highest": "high", "happiest": "happy", "biggest": "big", "best": "best"},
	} {
		for form, lemma := range pairs {
			require.Equal(t, lemma, english.Regular(form, kind), form)
		}
	}
}

func TestLoadLemmasRefusesWhatIsNoTable(t *testing.T) {
	for _, table := range []string{"x1y form", "n form", "-1 form", "n9 form", "nx form"} {
		_, err := english.LoadLemmas(table)
		require.Error(t, err, table)
	}
	l, err := english.LoadLemmas("# a comment\n\nn3ouse mice\n")
	require.NoError(t, err)
	require.Equal(t, "mouse", string(l.Append(nil, "Mice", "NNS")))
}
