package onnxpb_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func TestAttributesAreFoundByNameAndType(t *testing.T) {
	g, w := &onnxpb.Graph{Name: "body"}, onnxpb.NewTensor("w", []int8{1})
	n := onnxpb.NewNode("Op", nil, nil, onnxpb.IntAttr("i", 2), onnxpb.FloatAttr("f", 0.5), onnxpb.TextAttr("s", "text"),
		onnxpb.IntsAttr("is", 1, 2), onnxpb.FloatsAttr("fs", 3), onnxpb.TextsAttr("ss", "a", "b"),
		onnxpb.TensorAttr("t", w), onnxpb.GraphAttr("g", g))
	i, err := n.Int("i", 7)
	require.NoError(t, err)
	require.EqualValues(t, 2, i)
	f, err := n.Float("f", 7)
	require.NoError(t, err)
	require.EqualValues(t, 0.5, f)
	s, err := n.Text("s", "none")
	require.NoError(t, err)
	require.Equal(t, "text", s)
	is, err := n.Ints("is")
	require.NoError(t, err)
	require.Equal(t, []int64{1, 2}, is)
	fs, err := n.Floats("fs")
	require.NoError(t, err)
	require.Equal(t, []float32{3}, fs)
	ss, err := n.Texts("ss")
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, ss)
	tensor, err := n.Tensor("t")
	require.NoError(t, err)
	require.Same(t, w, tensor)
	sub, err := n.Subgraph("g")
	require.NoError(t, err)
	require.Same(t, g, sub)
}

func TestAttributesThatAreAbsentHaveTheirDefault(t *testing.T) {
	n := onnxpb.NewNode("Op", nil, nil)
	i, err := n.Int("i", 7)
	require.NoError(t, err)
	require.EqualValues(t, 7, i)
	f, err := n.Float("f", 7)
	require.NoError(t, err)
	require.EqualValues(t, 7, f)
	s, err := n.Text("s", "none")
	require.NoError(t, err)
	require.Equal(t, "none", s)
	is, err := n.Ints("is")
	require.NoError(t, err)
	require.Nil(t, is)
	fs, err := n.Floats("fs")
	require.NoError(t, err)
	require.Nil(t, fs)
	ss, err := n.Texts("ss")
	require.NoError(t, err)
	require.Nil(t, ss)
	tensor, err := n.Tensor("t")
	require.NoError(t, err)
	require.Nil(t, tensor)
	sub, err := n.Subgraph("g")
	require.NoError(t, err)
	require.Nil(t, sub)
	require.Nil(t, n.Attr("i"))
}

func TestAttributesOfAnotherTypeAreErrors(t *testing.T) {
	n := onnxpb.NewNode("Op", nil, nil, onnxpb.IntAttr("a", 1), onnxpb.Attribute{Name: "ref", Type: onnxpb.AttrInt, Ref: "axis"},
		onnxpb.Attribute{Name: "t", Type: onnxpb.AttrTensor}, onnxpb.Attribute{Name: "g", Type: onnxpb.AttrGraph})
	n.Name = "n"
	tests := map[string]func() error{
		"Op n.a: is of type int, want float":                   func() error { _, err := n.Float("a", 0); return err },
		"Op n.a: is of type int, want string":                  func() error { _, err := n.Text("a", ""); return err },
		"Op n.a: is of type int, want ints":                    func() error { _, err := n.Ints("a"); return err },
		"Op n.a: is of type int, want floats":                  func() error { _, err := n.Floats("a"); return err },
		"Op n.a: is of type int, want strings":                 func() error { _, err := n.Texts("a"); return err },
		"Op n.a: is of type int, want tensor":                  func() error { _, err := n.Tensor("a"); return err },
		"Op n.a: is of type int, want graph":                   func() error { _, err := n.Subgraph("a"); return err },
		"Op n.t: is of type tensor, want int":                  func() error { _, err := n.Int("t", 0); return err },
		`Op n.ref: refers to attribute "axis" of the function`: func() error { _, err := n.Int("ref", 0); return err },
		"Op n.t: has no tensor":                                func() error { _, err := n.Tensor("t"); return err },
		"Op n.g: has no graph":                                 func() error { _, err := n.Subgraph("g"); return err },
	}
	for want, call := range tests {
		t.Run(want, func(t *testing.T) {
			err := call()
			require.EqualError(t, err, want+": "+quintet.ErrModel.Error())
			require.ErrorIs(t, err, quintet.ErrModel)
		})
	}
}

// TestFilesOfTheFirstVersionDoNotSayTheTypeOfAttributes: there, the field that
// is present tells, even with its zero value.
func TestFilesOfTheFirstVersionDoNotSayTheTypeOfAttributes(t *testing.T) {
	tests := map[onnxpb.AttributeType][]byte{
		onnxpb.AttrFloat: {2<<3 | 5, 0, 0, 0, 0}, onnxpb.AttrInt: intField(3, 0), onnxpb.AttrString: textField(4, ""),
		onnxpb.AttrTensor: bytesField(5), onnxpb.AttrGraph: bytesField(6), onnxpb.AttrFloats: {7<<3 | 5, 0, 0, 0, 0},
		onnxpb.AttrInts: intField(8, 0), onnxpb.AttrStrings: textField(9, ""), onnxpb.AttrTensors: bytesField(10),
		onnxpb.AttrGraphs: bytesField(11), onnxpb.AttrUndefined: nil,
	}
	for want, field := range tests {
		t.Run(want.String(), func(t *testing.T) {
			data := model(node(bytesField(5, textField(1, "a"), field)))
			m, err := onnxpb.Read(data)
			require.NoError(t, err)
			require.Equal(t, want, m.Graph.Nodes[0].Attr("a").Kind())
			require.Equal(t, data, m.Append(nil))
		})
	}
}

func TestNodesAnswerForWhatIsLeftOut(t *testing.T) {
	n := onnxpb.NewNode("Clip", []string{"x", "", "max"}, []string{"y"})
	require.Equal(t, "x", n.Input(0))
	require.Empty(t, n.Input(1))
	require.Empty(t, n.Input(3))
	require.Empty(t, n.Output(1))
	require.True(t, n.Is("Clip"))
	n.Domain = "ai.onnx"
	require.True(t, n.Is("Clip"))
	n.Domain = "com.microsoft"
	require.False(t, n.Is("Clip"))
}

func TestAllWalksNestedGraphsAndStopsWhenAsked(t *testing.T) {
	leaf := func(name string) *onnxpb.Graph { return &onnxpb.Graph{Name: name} }
	inner := leaf("then")
	inner.Nodes = []*onnxpb.Node{onnxpb.NewNode("Loop", nil, nil, onnxpb.GraphAttr("body", leaf("body")))}
	g := &onnxpb.Graph{Name: "main", Nodes: []*onnxpb.Node{onnxpb.NewNode("If", nil, nil, onnxpb.GraphAttr("then_branch", inner),
		onnxpb.Attribute{Name: "list", Type: onnxpb.AttrGraphs, Graphs: []*onnxpb.Graph{leaf("a"), leaf("b")}})}}
	var names []string
	for sub := range g.All() {
		names = append(names, sub.Name)
	}
	require.Equal(t, []string{"main", "then", "body", "a", "b"}, names)
	for stop := range names {
		n := 0
		for range g.All() {
			if n++; n > stop {
				break
			}
		}
		require.Equal(t, stop+1, n)
	}
}

func TestInitializersAreFoundByName(t *testing.T) {
	w := onnxpb.NewTensor("w", []float32{1})
	g := &onnxpb.Graph{Initializers: []*onnxpb.Tensor{onnxpb.NewTensor("v", []float32{2}), w}}
	require.Same(t, w, g.Initializer("w"))
	require.Nil(t, g.Initializer("x"))
}

func TestTypesPrintAsPeopleWriteThem(t *testing.T) {
	floats := &onnxpb.Type{Tensor: &onnxpb.TensorType{Elem: onnxpb.Float, Shape: &onnxpb.Shape{
		Dims: []onnxpb.Dim{onnxpb.FreeDim("n"), onnxpb.FixedDim(3), {}}}}}
	for want, typ := range map[string]*onnxpb.Type{
		"?":                          nil,
		"float32[n,3,?]":             floats,
		"int64[...]":                 {Tensor: &onnxpb.TensorType{Elem: onnxpb.Int64}},
		"seq(float32[n,3,?])":        {Sequence: &onnxpb.ElemType{Elem: floats}},
		"map(string,float32[n,3,?])": {Map: &onnxpb.MapType{Key: onnxpb.String, Value: floats}},
		"optional(?)":                {Optional: &onnxpb.ElemType{}},
	} {
		require.Equal(t, want, typ.String())
	}
	require.Equal(t, "?", (&onnxpb.Type{}).String())
}
