package text_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/english"
	"github.com/quintet-ai/quintet/text"
)

func newIndex(t testing.TB, o text.IndexOptions, docs ...text.Document) *text.Index {
	t.Helper()
	ix, err := text.NewIndex(o)
	require.NoError(t, err)
	require.NoError(t, ix.Add(docs...))
	return ix
}

func hitIDs(hits []text.IndexHit) (ids []string) {
	for _, h := range hits {
		ids = append(ids, h.ID)
	}
	return ids
}

func ExampleIndex_Search() {
	ix, err := text.NewIndex(text.IndexOptions{SnippetBytes: 40})
	if err != nil {
		log.Fatal(err)
	}
	err = ix.Add(
		text.Document{ID: "reef", Body: "The count of starfish on the northern reef goes on every morning until June."},
		text.Document{ID: "kelp", Body: "Urchins graze on kelp. Starfish eat urchins, so kelp comes back where they are."},
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, hit := range ix.Search("counting starfish", 10) {
		fmt.Printf("%s %.2f ", hit.ID, hit.Score)
		for part, marked := range hit.Parts() {
			if marked {
				part = "[" + part + "]"
			}
			fmt.Print(part)
		}
		fmt.Println()
	}
	// Output:
	// reef 0.92 The [count] of [starfish] on the northern
	// kelp 0.17 graze on kelp. [Starfish] eat urchins, so
}

func TestIndexFindsDocuments(t *testing.T) {
	ix := newIndex(t, text.IndexOptions{},
		text.Document{ID: "a", Body: "Foxes jump over lazy dogs."},
		text.Document{ID: "b", Body: "A dog sleeps."},
		text.Document{ID: "c", Body: "東京都に住む"},
		text.Document{ID: "d", Body: ""},
		text.Document{ID: "e", Body: "A dog sleeps."},
	)
	tests := map[string]struct {
		query string
		n     int
		want  []string
	}{
		"stems match, the shorter document is better":   {"jumping dog", 10, []string{"a", "b", "e"}},
		"of equal ones the first added is first":        {"sleeping", 10, []string{"b", "e"}},
		"no more than asked for":                        {"sleeping", 1, []string{"b"}},
		"pairs of ideographs":                           {"京都", 10, []string{"c"}},
		"function words find nothing":                   {"over a the", 10, nil},
		"an empty query finds nothing":                  {"", 10, nil},
		"none asked for":                                {"dog", 0, nil},
		"a negative number is none":                     {"dog", -1, nil},
		"a term that no document has":                   {"cat", 10, nil},
		"bytes that are not UTF-8 part words":           {"fox\xffdog", 1, []string{"a"}},
		"a huge number is as many as there are":         {"dog", math.MaxInt, []string{"b", "e", "a"}},
		"an unknown term beside a known one is nothing": {"cat fox", 10, []string{"a"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, hitIDs(ix.Search(tt.query, tt.n))) })
	}
}

func TestIndexReplacesAndDeletes(t *testing.T) {
	ix := newIndex(t, text.IndexOptions{},
		text.Document{ID: "a", Body: "one fox"}, text.Document{ID: "a", Body: "two wolves"}, text.Document{ID: "b", Body: "bear"})
	require.Equal(t, 2, ix.Len())
	require.Empty(t, ix.Search("fox", 1))
	require.Equal(t, []string{"a"}, hitIDs(ix.Search("wolf wolves", 1)))
	require.NoError(t, ix.Add(text.Document{ID: "a", Body: "three bears"}))
	require.Equal(t, []string{"b", "a"}, hitIDs(ix.Search("bear", 5)))
	d, ok := ix.Document("a")
	require.True(t, ok)
	require.Equal(t, "three bears", d.Body)
	require.Equal(t, []string{"a", "b"}, ix.IDs())

	require.Equal(t, 1, ix.Delete("a", "a", "none"))
	require.Equal(t, 1, ix.Len())
	_, ok = ix.Document("a")
	require.False(t, ok)
	require.Equal(t, []string{"b"}, hitIDs(ix.Search("bear", 5)))
}

func TestIndexRefuses(t *testing.T) {
	for name, o := range map[string]text.IndexOptions{
		"a negative limit":         {MaxBytes: -1},
		"a negative total":         {MaxTotalBytes: -1},
		"a snippet of a few bytes": {SnippetBytes: 31},
		"K1 that is no number":     {K1: math.NaN()},
		"B above 1":                {B: 1.5},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := text.NewIndex(o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
	for name, docs := range map[string][]text.Document{
		"a document without an ID":    {{ID: "b"}, {Body: "x"}},
		"a document over the limit":   {{ID: "b"}, {ID: "c", Body: strings.Repeat("x", 20)}},
		"documents over the total":    {{ID: "b", Body: "12345678"}, {ID: "c", Body: "12345678"}},
		"a replacement over the rest": {{ID: "a", Body: "1234567890"}, {ID: "c", Body: "12345678"}},
	} {
		t.Run(name, func(t *testing.T) {
			ix := newIndex(t, text.IndexOptions{MaxBytes: 16, MaxTotalBytes: 19}, text.Document{ID: "a", Body: "kept"})
			require.ErrorIs(t, ix.Add(docs...), quintet.ErrInput)
			require.Equal(t, []string{"a"}, ix.IDs())
			require.Len(t, ix.Search("kept", 1), 1)
			require.NoError(t, ix.Add(text.Document{ID: "a", Body: "123456789012345"}), "what is replaced makes room")
		})
	}
}

func TestIndexSnippets(t *testing.T) {
	far := strings.Repeat("nothing here to see ", 20)
	tests := map[string]struct {
		body, query, want string
		limit             int
	}{
		"a short body is whole":                    {"  A fox. ", "fox", "A [fox].", 40},
		"different terms are better than many":     {"fox fox fox. " + far + "red fox runs. " + far, "red fox", "here to see [red] [fox] runs. nothing", 40},
		"the first of equal ones":                  {"fox one. " + far + "fox two.", "fox", "[fox] one. nothing here to see", 32},
		"the end of a body":                        {far + "and then the fox", "fox", "here to see and then the [fox]", 32},
		"no white space cuts between characters":   {strings.Repeat("ö", 100) + " 東京 " + strings.Repeat("ö", 100), "東京", "[東京]", 32},
		"pairs of ideographs are one mark":         {"私は東京都に住む", "東京都", "私は[東京都]に住む", 40},
		"a word longer than the limit is cut":      {strings.Repeat("x", 300), strings.Repeat("x", 300), "[" + strings.Repeat("x", 32) + "]", 32},
		"invalid bytes stay":                       {"\xff\xfe fox \xff", "fox", "\xff\xfe [fox] \xff", 32},
		"apostrophes and case do not part a match": {"The FOX'S den", "fox", "The [FOX'S] den", 32},
		"as much before a match as behind it":      {far + "wolf " + far, "wolf", "here to see [wolf] nothing here", 32},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ix := newIndex(t, text.IndexOptions{SnippetBytes: tt.limit}, text.Document{ID: "a", Body: tt.body})
			hits := ix.Search(tt.query, 1)
			require.Len(t, hits, 1)
			require.Equal(t, tt.want, marked(hits[0]))
			checkHit(t, hits[0], tt.body, tt.query, tt.limit)
		})
	}
}

func marked(h text.IndexHit) string {
	var b strings.Builder
	for part, hit := range h.Parts() {
		if hit {
			part = "[" + part + "]"
		}
		b.WriteString(part)
	}
	return b.String()
}

// checkHit holds the promises of Search against a hit.
func checkHit(t *testing.T, h text.IndexHit, body, query string, limit int) {
	t.Helper()
	if h.Place.Start < 0 || h.Place.End > len(body) || h.Place.Of(body) != h.Snippet || len(h.Snippet) > limit {
		t.Fatalf("snippet %q at %v, limit %d", h.Snippet, h.Place, limit)
	}
	if utf8.ValidString(body) && !utf8.ValidString(h.Snippet) {
		t.Fatalf("snippet %q cuts a character", h.Snippet)
	}
	terms, end := map[uint64]bool{}, 0
	for _, tok := range new(english.Analyzer).Append(nil, query) {
		terms[tok.Hash] = true
	}
	if len(h.Highlights) == 0 {
		t.Fatalf("no highlight in %q", h.Snippet)
	}
	inside := map[text.Span]bool{}
	for _, tok := range new(english.Analyzer).Append(nil, body) {
		if terms[tok.Hash] {
			for i := max(tok.Start, h.Place.Start); i < min(tok.End, h.Place.End); i++ {
				inside[text.Span{Start: i - h.Place.Start, End: 1}] = true
			}
		}
	}
	for _, s := range h.Highlights {
		if s.Start < end || s.End <= s.Start || s.End > len(h.Snippet) {
			t.Fatalf("highlight %v after %d", s, end)
		}
		for end = s.Start; end < s.End; end++ {
			if !inside[text.Span{Start: end, End: 1}] {
				t.Fatalf("byte %d of highlight %v is not of a term", end, s)
			}
		}
	}
}

func FuzzIndexSnippet(f *testing.F) {
	f.Add("The quick brown fox, the fox!", "foxes quick", uint8(0))
	f.Add("東京都に住む人\xff", "京都 住む", uint8(3))
	f.Add(strings.Repeat("é", 90)+"fox"+strings.Repeat(" x", 90), "fox x", uint8(9))
	f.Fuzz(func(t *testing.T, body, query string, limit uint8) {
		o := text.IndexOptions{SnippetBytes: 32 + int(limit)}
		ix := newIndex(t, o, text.Document{ID: "a", Body: body})
		for _, h := range ix.Search(query, 2) {
			checkHit(t, h, body, query, o.SnippetBytes)
		}
	})
}

// naiveIndex scores every document by the formula of BM25.
func naiveIndex(docs []text.Document, query string, n int) (hits []text.IndexHit) {
	count := func(s string) (terms map[uint64]float64, length float64) {
		terms = map[uint64]float64{}
		for _, tok := range new(english.Analyzer).Append(nil, s) {
			terms[tok.Hash]++
			length++
		}
		return terms, length
	}
	have, total := map[uint64]float64{}, 0.0
	for _, d := range docs {
		terms, length := count(d.Body)
		total += length
		for term := range terms {
			have[term]++
		}
	}
	asked, _ := count(query)
	size := float64(len(docs))
	for _, d := range docs {
		terms, length := count(d.Body)
		score := 0.0
		for term, q := range asked {
			f := terms[term]
			idf := math.Log(1 + (size-have[term]+0.5)/(have[term]+0.5))
			score += q * idf * f * 2.2 / (f + 1.2*(0.25+0.75*length/(total/size)))
		}
		if score > 0 {
			hits = append(hits, text.IndexHit{ID: d.ID, Score: score})
		}
	}
	slices.SortStableFunc(hits, func(a, b text.IndexHit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(n, len(hits))]
}

// randomBody has words of which low numbers are frequent.
func randomBody(rng *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteString("term" + strconv.Itoa(int(rng.ExpFloat64()*8)) + "q ")
	}
	return b.String()
}

func TestIndexIsTheFormula(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	ix := newIndex(t, text.IndexOptions{})
	var docs []text.Document // in the order of adding
	for step := range 600 {
		id := "doc" + strconv.Itoa(rng.IntN(80))
		docs = slices.DeleteFunc(docs, func(d text.Document) bool { return d.ID == id })
		if rng.IntN(4) == 0 {
			ix.Delete(id)
		} else {
			d := text.Document{ID: id, Body: randomBody(rng, rng.IntN(30))}
			docs = append(docs, d)
			require.NoError(t, ix.Add(d))
		}
		if step%5 > 0 {
			continue
		}
		query, n := randomBody(rng, 1+rng.IntN(4)), 1+rng.IntN(20)
		sameHits(t, naiveIndex(docs, query, len(docs)), ix.Search(query, n), n)
	}
}

// sameHits holds hits against the scores of all documents. Sums have no fixed order,
// and lengths are float32, so documents with almost the same score may change places.
func sameHits(t *testing.T, all, got []text.IndexHit, n int) {
	t.Helper()
	require.Len(t, got, min(n, len(all)))
	scores := map[string]float64{}
	for _, h := range all {
		scores[h.ID] = h.Score
	}
	for i, h := range got {
		require.InDelta(t, all[i].Score, h.Score, 1e-6)
		require.InDelta(t, scores[h.ID], h.Score, 1e-6)
		delete(scores, h.ID) // each once
	}
}

func TestIndexRenumbersWithoutLoss(t *testing.T) {
	ix := newIndex(t, text.IndexOptions{})
	for i := range 5000 { // far more replacements than documents
		require.NoError(t, ix.Add(text.Document{ID: strconv.Itoa(i % 7), Body: "fox number " + strconv.Itoa(i)}))
	}
	require.Equal(t, 7, ix.Len())
	require.Equal(t, []string{"2", "3", "4", "5", "6", "0", "1"}, hitIDs(ix.Search("fox", 10)), "in the order of adding")
	require.Equal(t, []string{"1"}, hitIDs(ix.Search("4999", 10)))
}

func TestIndexIsSafeForConcurrentUse(t *testing.T) {
	ix := newIndex(t, text.IndexOptions{}, text.Document{ID: "stays", Body: "the fox stays"})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 50 {
				id := strconv.Itoa((g + i) % 5)
				if err := ix.Add(text.Document{ID: id, Body: "fox " + id}); err != nil {
					t.Error(err)
				}
				if hits := ix.Search("stays", 3); len(hits) != 1 || hits[0].ID != "stays" {
					t.Errorf("found %v", hits)
				}
				ix.Delete(id)
			}
		})
	}
	wg.Wait()
	require.Equal(t, []string{"stays"}, ix.IDs())
}

func TestIndexIsWrittenAndRead(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 300} {
		ix := newIndex(t, text.IndexOptions{})
		for i := range n {
			require.NoError(t, ix.Add(text.Document{ID: "\xff" + strconv.Itoa(i), Body: randomBody(rng, rng.IntN(200))}))
		}
		ix.Delete("\xff3")
		var file bytes.Buffer
		size, err := ix.WriteTo(&file)
		require.NoError(t, err)
		require.EqualValues(t, file.Len(), size)
		file.WriteString("what follows is left alone")
		again, err := text.ReadIndex(iotest.OneByteReader(&file), text.IndexOptions{})
		require.NoError(t, err)
		require.Equal(t, "what follows is left alone", file.String())
		require.Equal(t, ix.IDs(), again.IDs())
		for range 20 {
			query := randomBody(rng, 3)
			want, got := ix.Search(query, 10), again.Search(query, 10)
			require.Len(t, got, len(want))
			for i := range want {
				require.InDelta(t, want[i].Score, got[i].Score, 1e-6)
				require.Equal(t, want[i].Snippet, got[i].Snippet)
			}
		}
	}
}

func TestReadIndexRefuses(t *testing.T) {
	var buf bytes.Buffer
	_, err := newIndex(t, text.IndexOptions{},
		text.Document{ID: "a", Body: strings.Repeat("fox ", 40_000)}, text.Document{ID: "b", Body: "wolf"}).WriteTo(&buf)
	require.NoError(t, err)
	file := buf.Bytes()
	for name, size := range map[string]int{
		"no bytes": 0, "a part of the magic": 5, "no block": 8, "a part of a block": 1000, "no last block": len(file) - 8,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := text.ReadIndex(bytes.NewReader(file[:size]), text.IndexOptions{})
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
	for _, at := range []int{0, 7, 8, 11, 12, 70_000, len(file) - 1} {
		t.Run(fmt.Sprintf("byte=%d/is another", at), func(t *testing.T) {
			bad := bytes.Clone(file)
			bad[at] ^= 0x40
			_, err := text.ReadIndex(bytes.NewReader(bad), text.IndexOptions{})
			require.ErrorIs(t, err, quintet.ErrInput)
		})
	}
	t.Run("more than the limits", func(t *testing.T) {
		for _, o := range []text.IndexOptions{{MaxBytes: 1000}, {MaxTotalBytes: 1000}} {
			_, err := text.ReadIndex(bytes.NewReader(file), o)
			require.ErrorIs(t, err, quintet.ErrInput)
		}
	})
	t.Run("blocks in another order", func(t *testing.T) {
		const block = 64<<10 + 8
		bad := slices.Concat(file[:8], file[8+block:8+2*block], file[8:8+block], file[8+2*block:])
		_, err := text.ReadIndex(bytes.NewReader(bad), text.IndexOptions{})
		require.ErrorIs(t, err, quintet.ErrInput)
	})
	t.Run("a reader that fails", func(t *testing.T) {
		_, err := text.ReadIndex(iotest.ErrReader(context.Canceled), text.IndexOptions{})
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("a writer that fails", func(t *testing.T) {
		ix := newIndex(t, text.IndexOptions{}, text.Document{ID: "a"})
		_, err := ix.WriteTo(failingWriter{})
		require.ErrorIs(t, err, context.Canceled)
	})
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, context.Canceled }

// FuzzReadIndex takes documents, not only blocks, from the fuzzer: sealed puts its
// bytes into blocks with the right checksums.
func FuzzReadIndex(f *testing.F) {
	f.Add([]byte("\x01a\x03fox\x01b\x00"), true)
	f.Add([]byte("\x01a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), true)
	f.Add([]byte("QXINDEX\x01\x00\x00\x00\x00"), false)
	f.Fuzz(func(t *testing.T, file []byte, seal bool) {
		if seal {
			file = text.Sealed(text.IndexMagic, file)
		}
		ix, err := text.ReadIndex(bytes.NewReader(file), text.IndexOptions{MaxBytes: 1000})
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrInput)
			return
		}
		var again bytes.Buffer
		_, err = ix.WriteTo(&again)
		require.NoError(t, err)
		back, err := text.ReadIndex(&again, text.IndexOptions{MaxBytes: 1000})
		require.NoError(t, err)
		require.Equal(t, ix.IDs(), back.IDs())
		for _, id := range ix.IDs() {
			want, _ := ix.Document(id)
			got, _ := back.Document(id)
			require.Equal(t, want, got)
		}
	})
}

func BenchmarkIndexSearch(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	docs := make([]text.Document, 2000)
	for i := range docs {
		docs[i] = text.Document{ID: strconv.Itoa(i), Body: randomBody(rng, 100)}
	}
	ix := newIndex(b, text.IndexOptions{}, docs...)
	b.Run("docs=2000/index", func(b *testing.B) {
		for b.Loop() {
			ix.Search("term3q term20q", 10)
		}
	})
	b.Run("docs=2000/naive", func(b *testing.B) {
		for b.Loop() {
			naiveIndex(docs, "term3q term20q", 10)
		}
	})
}

func BenchmarkIndexAdd(b *testing.B) {
	body := randomBody(rand.New(rand.NewPCG(1, 2)), 100)
	ix := newIndex(b, text.IndexOptions{})
	b.SetBytes(int64(len(body)))
	for i := 0; b.Loop(); i++ {
		require.NoError(b, ix.Add(text.Document{ID: strconv.Itoa(i), Body: body}))
	}
}
