package text

import (
	_ "embed" // the models
	"fmt"
	"slices"
	"sync"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/perceptron"
	"github.com/quintet-ai/quintet/internal/perceptron/english"
)

//go:generate go run ./models/train

// Made by the command models/train; models/README.md says of what.
var (
	//go:embed models/lexicon.bin
	lexiconData []byte
	//go:embed models/tags.bin
	tagData []byte
	//go:embed models/names.bin
	nameData []byte
	//go:embed models/lemmas.txt
	lemmaTable string
)

// Tag is a part of speech of the Penn treebank, with the additions of the English
// treebanks of Universal Dependencies (XPOS). Its text form is the treebank's: NN for a
// noun, VBD for the past of a verb. The zero Tag is the currency sign, "$".
type Tag uint8

// tagNames are in the order of their bytes; the tagger was trained with it.
var tagNames = [...]string{
	"$", "''", ",", "-LRB-", "-RRB-", ".", ":", "ADD", "AFX", "CC", "CD", "DT", "EX", "FW", "GW", "HYPH", "IN",
	"JJ", "JJR", "JJS", "LS", "MD", "NFP", "NN", "NNP", "NNPS", "NNS", "PDT", "POS", "PRP", "PRP$", "RB", "RBR",
	"RBS", "RP", "SYM", "TO", "UH", "VB", "VBD", "VBG", "VBN", "VBP", "VBZ", "WDT", "WP", "WP$", "WRB", "``",
}

// ParseTag returns the tag of a name, or an error wrapping [quintet.ErrInput].
func ParseTag(name string) (Tag, error) {
	i, ok := slices.BinarySearch(tagNames[:], name)
	if !ok {
		return 0, fmt.Errorf("text: no part of speech %q: %w", name, quintet.ErrInput)
	}
	return Tag(i), nil
}

// String returns the name of t.
func (t Tag) String() string {
	if int(t) < len(tagNames) {
		return tagNames[t]
	}
	return fmt.Sprintf("Tag(%d)", uint8(t))
}

// MarshalText returns the name of t.
func (t Tag) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText sets t to the tag of that name, or returns an error wrapping
// [quintet.ErrInput].
func (t *Tag) UnmarshalText(name []byte) (err error) {
	*t, err = ParseTag(string(name))
	return err
}

// TaggedWord is a word with its part of speech and its lemma.
type TaggedWord struct {
	Token
	Tag   Tag    `json:"tag"`
	Lemma string `json:"lemma,omitempty"` // empty where lemmas were not asked for
}

// Tags returns the [Words] of an English body with their parts of speech.
//
// Each sentence is tagged by itself, from left to right, by an averaged perceptron
// (Collins, Discriminative training methods for hidden Markov models, 2002) trained
// on UD English-EWT. Words of other languages get the tag of English words that look
// like them. The cost is O(len(body)).
func Tags(body string) []TaggedWord { return tagged(body, wantTags) }

// Lemmas returns what [Tags] does, with the lemma of each word: the form that a
// dictionary has, such as "be" for "was". It follows the conventions of UD
// English-EWT: lower case but for names and for "I", numbers without commas, "not" for
// "n't". Irregular forms are WordNet's; the others go by rules. Spelling is not
// corrected.
func Lemmas(body string) []TaggedWord { return tagged(body, wantTags|wantLemmas) }

func tagged(body string, what want) []TaggedWord {
	var g grammar
	g.read(body, Tokens(body), Sentences(body), what)
	return g.tagged
}

// english parts are loaded when they are first used. The data is ours, so that an
// error is a bug.
var (
	lexicon = sync.OnceValue(func() *english.Lexicon { return must(english.LoadLexicon(lexiconData)) })

	tagModel = sync.OnceValue(func() *perceptron.Model { return must(perceptron.Load(tagData, len(tagNames))) })

	nameModel = sync.OnceValue(func() *perceptron.Model { return must(perceptron.Load(nameData, english.NameLabels)) })

	lemmaRules = sync.OnceValue(func() *english.Lemmas { return must(english.LoadLemmas(lemmaTable)) })
)

func must[T any](v T, err error) T {
	if err != nil {
		panic("text: built-in model: " + err.Error())
	}
	return v
}
