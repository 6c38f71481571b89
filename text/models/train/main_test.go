package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/perceptron/english"
	"github.com/quintet-ai/quintet/internal/synth"
)

func TestTheEmbeddedFilesAreTheListedOnes(t *testing.T) {
	listed, err := readSums(filepath.Join("..", sumsFile))
	require.NoError(t, err)
	total := 0
	for _, name := range []string{lexiconFile, lemmaFile, tagFile, nameFile} {
		data, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		require.Equal(t, listed[name], sumOf(data), name)
		total += len(data)
	}
	require.Less(t, total, 3<<20, "the goal is 3 MB")
	m := maker{data: "none", to: ".."}
	require.NoError(t, m.make(false), "files that are there are left alone")
}

func TestReadColumns(t *testing.T) {
	tests := map[string]struct {
		file        string
		word, label int
		want        []sample
	}{
		"CoNLL-U": {
			"# text = It's so.\n1-2\tIt's\t_\t_\n1\tIt\tit\tPRP\n2\t's\tbe\tVBZ\n2.1\tx\ty\tz\n\n1\tso\tso\tRB\n",
			1, 3, []sample{{[]string{"It", "'s"}, []string{"PRP", "VBZ"}}, {[]string{"so"}, []string{"RB"}}},
		},
		"two columns, blank lines with tabs": {
			"#a\tO\n1-2\tO\n\t\nb\tB-x\n", 0, 1,
			[]sample{{[]string{"#a", "1-2"}, []string{"O", "O"}}, {[]string{"b"}, []string{"B-x"}}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := readColumns(strings.NewReader(tt.file), tt.word, tt.label)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestLabelNames(t *testing.T) {
	got := labelNames([]sample{{labels: []string{"B-PER", "I-PER", "B-PER", "I-LOC", "I-LOC", "O", "B-product", "I-product", "B-group", "I-group"}}})
	require.Equal(t, []uint8{1, 2, 1, 3, 4, 0, 0, 0, 5, 6}, got[0].labels)
	require.Equal(t, map[name]bool{{0, 2, 0}: true, {2, 3, 0}: true, {3, 5, 1}: true, {8, 10, 2}: true}, namesOf(got[0].labels))
}

func TestReadVectors(t *testing.T) {
	row := strings.Repeat("0.5,-0.5,", dim/2) + "7,1]"
	v, err := readVectors(strings.NewReader(`{"words":["a"],"vectors":{"a":[`+row+`,"]":[`+row+`,"b":[`+row+`}}`), 3)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "]", "b"}, v.words)
	require.Equal(t, int16(unit/10), v.vectors[1][0])
	require.Equal(t, int16(-unit/10), v.vectors[1][1])
	_, err = readVectors(strings.NewReader(`{"vectors":{"a":[1,2]`), 2)
	require.Error(t, err)
}

// TestClusters wants points around far directions in a cluster of their own.
func TestClusters(t *testing.T) {
	rng := synth.Rand(5)
	var points []vector
	for i := range 300 {
		var x [dim]int64
		x[i%3] = unit
		for j := range x {
			x[j] += int64(rng.IntN(200))
		}
		points = append(points, scaled(x))
	}
	of, centres := clusters(points, 3, 4)
	require.Len(t, centres, 3)
	for i := range of {
		require.Equal(t, of[i%3], of[i])
	}
	require.NotEqual(t, of[0], of[1])
	require.NotEqual(t, of[1], of[2])
}

func TestRoot(t *testing.T) {
	for _, n := range []int64{0, 1, 2, 3, 4, 8, 9, 99, 100, 1 << 40, 1<<62 - 1} {
		r := root(n)
		require.LessOrEqual(t, r*r, n)
		require.Greater(t, (r+1)*(r+1), n)
	}
}

func TestGazetteer(t *testing.T) {
	g := gazetteer{}
	names := "module.exports.first_male = [\n  'James',\n];\nmodule.exports.last = [\n  'Smith',\n  'Rare',\n];\n"
	require.NoError(t, g.census(strings.NewReader(names), 1))
	wordNet := "  1 licence\n" +
		"09 15 n 02 New_York 0 big_Apple 0 001 @i 08 n 0000 | a city\n" +
		"09 18 n 01 Marie_Curie 0 001 @i 08 n 0000 | a chemist\n" +
		"09 14 n 01 Red_Cross 0 001 @i 08 n 0000 | an agency\n" +
		"09 03 n 01 james 0 001 @ 08 n 0000 | a word\n"
	require.NoError(t, g.wordNet(strings.NewReader(wordNet)))
	var city []byte
	city = append(binary.AppendUvarint(append(city, 2<<3|2), 4), "Oslo"...)
	city = binary.AppendUvarint(append(city, 9<<3), 700_000)
	require.NoError(t, g.cities(append([]byte{byte(len(city))}, city...), 1000))
	require.Error(t, g.cities([]byte{9, 1}, 0))
	for word, want := range map[string]uint8{
		"JAMES": english.GivenName | english.Common, "smith": english.Surname, "rare": 0, "new": english.PlacePart,
		"curie": english.Person, "oslo": english.Place, "apple": 0,
	} {
		require.Equal(t, want, g[english.Hash(word)], word)
	}
	require.Equal(t, uint8(english.Place), g[english.HashWords([]string{"new", "york"})])
}

func TestInflect(t *testing.T) {
	for form, from := range map[string]string{
		"cats": "n cat", "boxes": "n box", "cities": "n city", "boys": "n boy", "tried": "p try", "hoped": "p hope",
		"walked": "p walk", "making": "g make", "seeing": "g see", "dyeing": "g dye", "happier": "c happy", "nicest": "s nice",
	} {
		require.Equal(t, form, inflect(from[2:], from[0]))
	}
}

// TestTrainingIsTheSameTwice trains small models from the same sentences.
func TestTrainingIsTheSameTwice(t *testing.T) {
	x, err := english.LoadLexicon(english.LexiconData{}.Pack())
	require.NoError(t, err)
	rng := synth.Rand(2)
	var samples []sample
	for range 200 {
		var s sample
		for range 8 {
			s.words = append(s.words, string(rune('a'+rng.IntN(26)))+"ing")
			s.labels = append(s.labels, string(rune('A'+rng.IntN(4))))
		}
		samples = append(samples, s)
	}
	first := trainTags(samples, x)
	require.True(t, bytes.Equal(first, trainTags(samples, x)))
}
