package graph_test

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/graph"
)

func TestWriteDOTQuotesNames(t *testing.T) {
	g := build(t, graph.BuilderOptions{}, edge{From: "a\"\\N", To: "x\ny", Weight: 1})
	var text bytes.Buffer
	require.NoError(t, graph.WriteDOT(&text, g))
	require.Equal(t, "graph {\n  0 [label=\"a\\\"\\\\N\"];\n  1 [label=\"x\\ny\"];\n  0 -- 1;\n}\n", text.String())
}

func TestWriteDOTRefusesWhatIsNoText(t *testing.T) {
	for _, key := range []string{"\x00", "\xff"} {
		g := build(t, graph.BuilderOptions{}, edge{From: key, To: "x", Weight: 1})
		require.ErrorIs(t, graph.WriteDOT(&bytes.Buffer{}, g), quintet.ErrInput)
	}
	require.ErrorIs(t, graph.WriteDOT[int](&bytes.Buffer{}, nil), quintet.ErrInput)
}

func ExampleWriteDOT() {
	b := graph.NewBuilder[string](graph.BuilderOptions{Directed: true})
	b.AddEdge("salt", "pepper", 0.5)
	g, err := b.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := graph.WriteDOT(os.Stdout, g); err != nil {
		fmt.Println(err)
	}
	// Output:
	// digraph {
	//   0 [label="salt"];
	//   1 [label="pepper"];
	//   0 -> 1 [weight="0.5", label="0.5"];
	// }
}
