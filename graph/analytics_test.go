package graph_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/graph"
)

// analysed is a graph of testdata/analytics.json, which testdata/analytics.py
// makes with NetworkX and igraph.
type analysed struct {
	Name       string
	Nodes      int
	Directed   bool
	Edges      [][3]float32
	Similarity *struct {
		Pairs  [][2]int
		Scores [][]float64 // by measure
	}
	EdgeBetweenness         []float64 `json:"edge_betweenness"`
	EdgeBetweennessWeighted []float64 `json:"edge_betweenness_weighted"`

	Trusses []int

	Flow []struct {
		From, To int
		Value    float64
	}
	Matching   *int
	Dominators []int32

	AllPairs         [][]float64 `json:"all_pairs"`
	Eccentricity     []float64
	Diameter, Radius float64

	Connected    bool
	Eigenvector  []float64
	Katz         []float64
	KatzWeighted []float64 `json:"katz_weighted"`
}

// twoSided is a bipartite graph of the same file.
type twoSided struct {
	Nodes    int
	Edges    [][2]float32
	Matching int
}

// fixtures calls f with each graph of the file.
func fixtures(t *testing.T, f func(t *testing.T, g *graph.Graph[int], want analysed)) {
	t.Helper()
	data, err := os.ReadFile("testdata/analytics.json")
	require.NoError(t, err)
	var all struct{ Graphs []analysed }
	require.NoError(t, json.Unmarshal(data, &all))
	for _, want := range all.Graphs {
		t.Run(want.Name, func(t *testing.T) {
			f(t, known{Nodes: want.Nodes, Directed: want.Directed, Edges: want.Edges}.build(t, nil), want)
		})
	}
}
