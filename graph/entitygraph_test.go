package graph_test

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func ExampleEntityGraph() {
	e, err := graph.NewEntityGraph(graph.EntityGraphOptions{})
	if err != nil {
		log.Fatal(err)
	}
	// "Marie Curie worked with Pierre Curie in Paris."
	err = e.Upsert(graph.EntityDocument{
		ID: "lives.txt",
		Mentions: []graph.Mention{
			{Entity: "Marie Curie", Kind: "PER", Start: 0, End: 11},
			{Entity: "Pierre Curie", Kind: "PER", Start: 24, End: 36},
			{Entity: "Paris", Kind: "LOC", Start: 40, End: 45},
		},
		Relations: []graph.Relation{{From: "Marie Curie", To: "Pierre Curie", Kind: "worked with"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	g, err := e.Graph()
	if err != nil {
		log.Fatal(err)
	}
	for edge := range g.Edges() {
		fmt.Println(edge.From, "-", edge.To, edge.Weight, e.Sources(edge.From, edge.To))
	}
	e.Delete("lives.txt")
	fmt.Println(len(e.Entities()), "entities are left")
	// Output:
	// Marie Curie - Paris 1 [{lives.txt 1 []}]
	// Marie Curie - Pierre Curie 2 [{lives.txt 2 [worked with]}]
	// Paris - Pierre Curie 1 [{lives.txt 1 []}]
	// 0 entities are left
}

func newEntityGraph(t *testing.T, o graph.EntityGraphOptions) *graph.EntityGraph {
	t.Helper()
	e, err := graph.NewEntityGraph(o)
	require.NoError(t, err)
	return e
}

// edgesIn returns the edges of an entity graph.
func edgesIn(t *testing.T, e *graph.EntityGraph) []edge {
	t.Helper()
	g, err := e.Graph()
	require.NoError(t, err)
	return slices.Collect(g.Edges())
}

// mentions makes mentions of one byte from names and places.
func mentions(at ...any) (out []graph.Mention) {
	for i := 0; i < len(at); i += 2 {
		start := at[i+1].(int)
		out = append(out, graph.Mention{Entity: at[i].(string), Start: start, End: start + 1})
	}
	return out
}

func TestMentionsNearEachOtherRelateEntities(t *testing.T) {
	near := mentions("b", 30, "a", 0, "c", 31, "a", 35, "d", 500)
	tests := map[string]struct {
		o    graph.EntityGraphOptions
		want []edge
	}{
		"undirected":     {graph.EntityGraphOptions{Window: 30}, []edge{{"a", "b", 2}, {"a", "c", 1}, {"b", "c", 1}}},
		"directed":       {graph.EntityGraphOptions{Window: 30, Directed: true}, []edge{{"a", "b", 1}, {"b", "a", 1}, {"b", "c", 1}, {"c", "a", 1}}},
		"by default":     {graph.EntityGraphOptions{}, []edge{{"a", "b", 2}, {"a", "c", 2}, {"b", "c", 1}}},
		"relations only": {graph.EntityGraphOptions{RelationsOnly: true}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := newEntityGraph(t, tt.o)
			require.NoError(t, e.Upsert(graph.EntityDocument{ID: "x", Mentions: near}))
			require.Equal(t, tt.want, edgesIn(t, e))
			g, err := e.Graph()
			require.NoError(t, err)
			require.Equal(t, []string{"a", "b", "c", "d"}, slices.Collect(g.Nodes()))
		})
	}
	require.Equal(t, "b", near[0].Entity, "the caller's slice stays as it is")
}

func TestRelationsSayWhy(t *testing.T) {
	e := newEntityGraph(t, graph.EntityGraphOptions{RelationsOnly: true, Directed: true})
	require.NoError(t, e.Upsert(graph.EntityDocument{ID: "2", Relations: []graph.Relation{
		{From: "Ada", To: "Charles", Kind: "writes to", Weight: 2}, {From: "Ada", To: "Charles", Kind: "knows"},
	}}))
	require.NoError(t, e.Upsert(graph.EntityDocument{ID: "1", Relations: []graph.Relation{{From: "Ada", To: "Charles"}}}))
	require.Equal(t, []edge{{"Ada", "Charles", 4}}, edgesIn(t, e))
	require.Equal(t, []graph.RelationSource{
		{Document: "1", Weight: 1}, {Document: "2", Weight: 3, Kinds: []string{"knows", "writes to"}},
	}, e.Sources("Ada", "Charles"))
	require.Empty(t, e.Sources("Charles", "Ada"))
	require.Empty(t, e.Sources("nobody", "Ada"))
	require.Equal(t, 2, e.Len())
}

func TestNamesBecomeCanonical(t *testing.T) {
	canonical := func(name string) string {
		if name == "?" {
			return ""
		}
		return strings.ToLower(name)
	}
	e := newEntityGraph(t, graph.EntityGraphOptions{Canonical: canonical})
	require.NoError(t, e.Upsert(graph.EntityDocument{
		ID: "x", Mentions: mentions("Ada", 0, "ADA", 9, "?", 10, "Bob", 12),
		Relations: []graph.Relation{{From: "BOB", To: "?"}, {From: "Ada", To: "ada"}},
	}))
	require.Equal(t, []edge{{"ada", "ada", 1}, {"ada", "bob", 2}}, edgesIn(t, e))
	require.Len(t, e.Mentions("aDa"), 2)
	require.Equal(t, graph.EntityMention{Mention: graph.Mention{Entity: "bob", Start: 12, End: 13}, Document: "x"}, e.Mentions("BOB")[0])

	spaced := newEntityGraph(t, graph.EntityGraphOptions{})
	require.NoError(t, spaced.Upsert(graph.EntityDocument{ID: "x", Mentions: mentions(" Ada\n Lovelace", 0)}))
	require.Equal(t, "Ada Lovelace", spaced.Entities()[0].Entity)
}

func TestEntitiesAreCounted(t *testing.T) {
	e := newEntityGraph(t, graph.EntityGraphOptions{})
	kinds := func(kinds ...string) (out []graph.Mention) {
		for i, k := range kinds {
			out = append(out, graph.Mention{Entity: "Paris", Kind: k, Start: i, End: i})
		}
		return out
	}
	require.NoError(t, e.Upsert(graph.EntityDocument{ID: "1", Mentions: kinds("PER", "LOC", "")}))
	require.NoError(t, e.Upsert(graph.EntityDocument{ID: "2", Mentions: kinds("LOC", "PER"), Relations: []graph.Relation{{From: "x", To: "Paris"}}}))
	require.Equal(t, []graph.EntityCount{
		{Entity: "Paris", Kind: "LOC", Mentions: 5, Documents: 2}, {Entity: "x", Documents: 1},
	}, e.Entities())
}

func TestDocumentsAreRankedByTheirEntities(t *testing.T) {
	e := newEntityGraph(t, graph.EntityGraphOptions{})
	require.NoError(t, e.Upsert(graph.EntityDocument{ID: "1", Mentions: mentions("a", 0, "a", 5, "b", 9)}))
	require.NoError(t, e.Upsert(graph.EntityDocument{ID: "2", Mentions: mentions("a", 0, "c", 5)}))
	require.NoError(t, e.Upsert(graph.EntityDocument{ID: "3", Mentions: mentions("d", 0)}))
	scores := []graph.Ranked[string]{{Node: "a", Score: 0.6}, {Node: "c", Score: 0.3}, {Node: "nobody", Score: 1}}
	got := e.RankDocuments(scores, 10)
	require.Equal(t, []string{"2", "1"}, []string{got[0].Node, got[1].Node})
	require.InDelta(t, 0.5, got[0].Score, 1e-12)
	require.InDelta(t, 0.4, got[1].Score, 1e-12)
	require.Len(t, e.RankDocuments(scores, 1), 1)
	require.Empty(t, e.RankDocuments(scores, 0))
}

// randomDocument is a document of few entities.
func randomDocument(rng *rand.Rand, id string) graph.EntityDocument {
	d := graph.EntityDocument{ID: id}
	name := func() string { return string(rune('a' + rng.IntN(8))) }
	for range rng.IntN(6) {
		start := rng.IntN(1000)
		d.Mentions = append(d.Mentions, graph.Mention{Entity: name(), Start: start, End: start + 1})
	}
	for range rng.IntN(3) {
		d.Relations = append(d.Relations, graph.Relation{From: name(), To: name(), Weight: float32(rng.IntN(9)) / 7})
	}
	return d
}

func TestAGraphDependsOnItsDocumentsAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 30 {
		e, fresh := newEntityGraph(t, graph.EntityGraphOptions{}), newEntityGraph(t, graph.EntityGraphOptions{})
		last := map[string]graph.EntityDocument{}
		for range 40 {
			id := fmt.Sprint(rng.IntN(10))
			if rng.IntN(3) == 0 {
				_, there := last[id]
				require.Equal(t, there, e.Delete(id))
				delete(last, id)
				continue
			}
			last[id] = randomDocument(rng, id)
			require.NoError(t, e.Upsert(last[id]))
		}
		for _, d := range last { // in any order
			require.NoError(t, fresh.Upsert(d))
		}
		want, err := fresh.Graph()
		require.NoError(t, err)
		got, err := e.Graph()
		require.NoError(t, err)
		require.Equal(t, slices.Collect(want.Nodes()), slices.Collect(got.Nodes()))
		require.Equal(t, slices.Collect(want.Edges()), slices.Collect(got.Edges()))
		require.Equal(t, fresh.Entities(), e.Entities())
		again := newEntityGraph(t, graph.EntityGraphOptions{})
		for d := range e.Documents() {
			require.NoError(t, again.Upsert(d))
		}
		require.Equal(t, edgesIn(t, e), edgesIn(t, again))
		for edge := range got.Edges() {
			sum := float32(0)
			for _, s := range e.Sources(edge.From, edge.To) {
				sum += float32(s.Weight)
			}
			require.InDelta(t, edge.Weight, sum, 1e-5)
		}
	}
}

func TestBadDocumentsChangeNothing(t *testing.T) {
	_, err := graph.NewEntityGraph(graph.EntityGraphOptions{Window: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
	e := newEntityGraph(t, graph.EntityGraphOptions{})
	require.NoError(t, e.Upsert(graph.EntityDocument{ID: "x", Mentions: mentions("a", 1, "b", 2)}))
	want := edgesIn(t, e)
	for name, d := range map[string]graph.EntityDocument{
		"a mention before the text": {ID: "x", Mentions: mentions("a", -1)},
		"a mention that ends early": {ID: "x", Mentions: []graph.Mention{{Entity: "a", Start: 3, End: 2}}},
		"a negative weight":         {ID: "x", Relations: []graph.Relation{{From: "a", To: "b", Weight: -1}}},
		"a weight that is NaN":      {ID: "x", Relations: []graph.Relation{{From: "a", To: "b", Weight: float32(math.NaN())}}},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, e.Upsert(d), quintet.ErrInput)
			require.Equal(t, want, edgesIn(t, e))
		})
	}
	require.NoError(t, e.Upsert(graph.EntityDocument{ID: "y", Relations: []graph.Relation{
		{From: "a", To: "b", Weight: math.MaxFloat32}, {From: "a", To: "b", Weight: math.MaxFloat32},
	}}))
	_, err = e.Graph()
	require.ErrorIs(t, err, quintet.ErrInput)
}

func TestAnEntityGraphIsSafeForConcurrentUse(t *testing.T) {
	e := newEntityGraph(t, graph.EntityGraphOptions{})
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(worker), 1))
			for range 50 {
				d := randomDocument(rng, fmt.Sprint(rng.IntN(5)))
				if rng.IntN(4) == 0 {
					e.Delete(d.ID)
				} else if err := e.Upsert(d); err != nil {
					t.Error(err)
				}
				e.Mentions("a")
				e.Entities()
			}
		})
	}
	all.Wait()
	require.LessOrEqual(t, e.Len(), 5)
}
