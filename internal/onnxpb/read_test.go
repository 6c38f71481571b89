package onnxpb_test

import (
	"bytes"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

func TestReadRefusesWhatIsNoModelAndSaysWhere(t *testing.T) {
	tests := map[string]struct {
		data []byte
		want string
	}{
		"nothing":                     {nil, "graph: not there, in a file of 0 bytes: model cannot be used"},
		"no graph":                    {intField(1, 8), "graph: not there, in a file of 2 bytes: model cannot be used"},
		"text":                        {[]byte("<html>"), "byte 0: field 7 has wire type 4: model cannot be used"},
		"a length beyond the end":     {[]byte{7<<3 | 2, 9, 0}, "byte 0: length 9 exceeds the 1 bytes left: model cannot be used"},
		"a length of 2^63":            {append([]byte{7<<3 | 2}, varint(1<<63)...), "byte 0: length 9223372036854775808 exceeds the 0 bytes left: model cannot be used"},
		"a child beyond its parent":   {join(model([]byte{1<<3 | 2, 4}), textField(2, "next")), "graph at byte 2: length 4 exceeds the 0 bytes left: model cannot be used"},
		"a varint that ends too soon": {[]byte{1 << 3, 0x80}, "byte 0: varint is cut off: model cannot be used"},
		"a varint of eleven bytes":    {append([]byte{1 << 3}, bytes.Repeat([]byte{0x80}, 11)...), "byte 0: varint exceeds 64 bits: model cannot be used"},
		"a varint of 65 bits":         {append(append([]byte{1 << 3}, bytes.Repeat([]byte{0xff}, 9)...), 2), "byte 0: varint exceeds 64 bits: model cannot be used"},
		"field number 0":              {[]byte{0, 0}, "byte 0: field number 0: model cannot be used"},
		"field number 2^29":           {append(varint(1<<32), 0), "byte 0: field number 536870912: model cannot be used"},
		"a group":                     {[]byte{30<<3 | 3, 1}, "byte 0: field 30 has wire type 3: model cannot be used"},
		"a fixed number cut off":      {model(node(bytesField(5, []byte{2<<3 | 5, 0}))), "graph.node[0].attribute[0] at byte 6: length 4 exceeds the 1 bytes left: model cannot be used"},
		"a graph that is a number":    {intField(7, 1), "graph at byte 0: wire type 0, want 2: model cannot be used"},
		"a name that is a number": {model(node(), node(), node(textField(4, "Add")), node(bytesField(5, intField(1, 1)))),
			"graph.node[3].attribute[0].name at byte 17: wire type 0, want 2: model cannot be used"},
		"floats that are varints": {model(node(bytesField(5, intField(7, 1)))),
			"graph.node[0].attribute[0].floats at byte 6: wire type 0, want 5: model cannot be used"},
		"packed floats of 5 bytes": {model(initializer(bytesField(4, make([]byte, 5)))),
			"graph.initializer[0].float_data at byte 4: 5 bytes are no whole number of elements: model cannot be used"},
		"packed doubles of 9 bytes": {model(initializer(bytesField(10, make([]byte, 9)))),
			"graph.initializer[0].double_data at byte 4: 9 bytes are no whole number of elements: model cannot be used"},
		"packed ints cut off": {model(initializer(bytesField(7, []byte{1, 0x80}))),
			"graph.initializer[0].int64_data at byte 4: 2 bytes are no whole number of elements: model cannot be used"},
		"a packed int of 65 bits": {model(initializer(bytesField(7, bytes.Repeat([]byte{0xff}, 9), []byte{2}))),
			"graph.initializer[0].int64_data at byte 16: varint exceeds 64 bits: model cannot be used"},
		"a data type of 33 bits": {model(initializer(intField(2, 1<<32))),
			"graph.initializer[0].data_type at byte 4: 4294967296 does not fit 32 bits: model cannot be used"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := onnxpb.Read(tt.data)
			require.EqualError(t, err, tt.want)
			require.ErrorIs(t, err, quintet.ErrModel)
			var at *onnxpb.Error
			require.ErrorAs(t, err, &at)
		})
	}
}

func varint(v uint64) []byte { return intField(0, v)[1:] }

func TestReadRefusesDeepNestingInGraphsAndTypes(t *testing.T) {
	graph := textField(2, "innermost")
	typ := textField(6, "innermost")
	for range 500 {
		graph = node(bytesField(5, bytesField(6, graph)))
		typ = bytesField(4, bytesField(1, typ))
	}
	for name, data := range map[string][]byte{
		"subgraphs": model(graph), "sequences": model(bytesField(11, bytesField(2, typ))),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := onnxpb.Read(data)
			require.ErrorIs(t, err, quintet.ErrModel)
			require.ErrorContains(t, err, "messages are nested deeper than 100")
		})
	}
}

func TestReadTakesSubgraphsThirtyDeep(t *testing.T) {
	graph := textField(2, "innermost")
	for range 30 {
		graph = node(bytesField(5, bytesField(6, graph)))
	}
	m, err := onnxpb.Read(model(graph))
	require.NoError(t, err)
	depth, last := 0, ""
	for g := range m.Graph.All() {
		depth, last = depth+1, g.Name
	}
	require.Equal(t, 31, depth)
	require.Equal(t, "innermost", last)
}

// TestReadAllocatesByWhatItReads holds the bound of the package comment against
// the smallest encodings of the largest structs.
func TestReadAllocatesByWhatItReads(t *testing.T) {
	const n = 50_000
	tests := map[string][]byte{
		"empty nodes":        model(bytes.Repeat(node(), n)),
		"empty initializers": model(bytes.Repeat(initializer(), n)),
		"empty attributes":   model(node(bytes.Repeat(bytesField(5), n))),
		"empty inputs":       model(node(bytes.Repeat(textField(1, ""), n))),
		"empty metadata":     join(model(), bytes.Repeat(bytesField(14), n)),
		"empty functions":    join(model(), bytes.Repeat(bytesField(25), n)),
		"many graphs in one": bytes.Repeat(model(node()), n),
		"ints one by one":    model(node(bytesField(5, bytes.Repeat(intField(8, 1), n)))),
		"packed ints":        model(initializer(bytesField(7, make([]byte, n)))),
		"ints in many packs": model(initializer(bytes.Repeat(bytesField(7, []byte{1}), n))),
		"unknown fields":     join(model(), bytes.Repeat(intField(99, 1), n)),
		"lying counts":       model(initializer(intField(1, 1<<60), intField(2, 1), bytesField(9, nil))),
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			m, err := onnxpb.Read(data)
			runtime.ReadMemStats(&after)
			got, limit := after.TotalAlloc-before.TotalAlloc, uint64(1<<20+32*len(data))
			require.LessOrEqual(t, got, limit, "%d bytes of input", len(data))
			if err != nil {
				require.ErrorContains(t, err, "tiny elements would take more memory than 32 times the file")
				require.ErrorIs(t, err, quintet.ErrModel)
				require.Nil(t, m)
			}
		})
	}
}

func TestReadTakesAThousandTinyNodes(t *testing.T) {
	m, err := onnxpb.Read(model(bytes.Repeat(node(), 1000)))
	require.NoError(t, err)
	require.Len(t, m.Graph.Nodes, 1000)
}

// TestEveryTruncationIsAnErrorOrAModel cuts a file with every kind of field at
// every byte.
func TestEveryTruncationIsAnErrorOrAModel(t *testing.T) {
	data, err := os.ReadFile("testdata/every.onnx")
	require.NoError(t, err)
	whole := 0
	for n := range data {
		m, err := onnxpb.Read(data[:n])
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrModel)
			continue
		}
		whole++
		again := m.Append(nil)
		require.Equal(t, data[:n], again)
	}
	require.Equal(t, 6, whole, "between the fields that follow the graph")
}

func TestReadMergesWhatOccursTwice(t *testing.T) {
	data := join(
		intField(1, 3), model(textField(2, "first"), node(textField(4, "A"))), textField(2, "one"),
		intField(1, 8), model(textField(2, "second"), node(textField(4, "B"))), textField(2, ""))
	m, err := onnxpb.Read(data)
	require.NoError(t, err)
	require.EqualValues(t, 8, m.IRVersion)
	require.Empty(t, m.ProducerName)
	require.Equal(t, "second", m.Graph.Name)
	require.Len(t, m.Graph.Nodes, 2)
	require.Equal(t, "B", m.Graph.Nodes[1].OpType)
	one := join(intField(1, 8), textField(2, ""), model(node(textField(4, "A")), node(textField(4, "B")), textField(2, "second")))
	require.Equal(t, one, m.Append(nil))
}

func TestReadKeepsTheLastMemberOfAUnion(t *testing.T) {
	tensor, sequence, mapping := bytesField(1, intField(1, 1)), bytesField(4, bytesField(1)), bytesField(5, intField(1, 8))
	optional, sparse, opaque := bytesField(9, bytesField(1)), bytesField(8, intField(1, 7)), bytesField(7, textField(1, "d"))
	members := map[string][]byte{"float32[...]": tensor, "seq(?)": sequence, "map(string,?)": mapping,
		"optional(?)": optional, "sparse(int64[...])": sparse, "opaque": opaque}
	for want, last := range members {
		t.Run(want, func(t *testing.T) {
			typ := join(textField(6, "kept"), tensor, sequence, mapping, optional, sparse, opaque, last)
			m, err := onnxpb.Read(model(bytesField(11, bytesField(2, typ))))
			require.NoError(t, err)
			got := m.Graph.Inputs[0].Type
			require.Equal(t, want, got.String())
			require.Equal(t, "kept", got.Denotation)
			again, err := onnxpb.Read(m.Append(nil))
			require.NoError(t, err)
			require.Equal(t, got, again.Graph.Inputs[0].Type)
		})
	}
}

func TestADimensionIsANumberOrANameOrUnknown(t *testing.T) {
	tests := map[string]struct {
		dim    []byte
		want   string
		fields []byte // what is written
	}{
		"a number":          {intField(1, 3), "3", intField(1, 3)},
		"zero":              {intField(1, 0), "0", intField(1, 0)},
		"negative":          {intField(1, 1<<64-1), "-1", intField(1, 1<<64-1)},
		"a name":            {textField(2, "n"), "n", textField(2, "n")},
		"an empty name":     {textField(2, ""), "?", textField(2, "")},
		"unknown":           {nil, "?", nil},
		"number, then name": {join(intField(1, 3), textField(2, "n")), "n", textField(2, "n")},
		"name, then number": {join(textField(2, "n"), intField(1, 0), textField(3, "d")), "0", join(intField(1, 0), textField(3, "d"))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			shaped := func(dim []byte) []byte {
				return model(bytesField(11, bytesField(2, bytesField(1, bytesField(2, bytesField(1, dim))))))
			}
			m, err := onnxpb.Read(shaped(tt.dim))
			require.NoError(t, err)
			require.Equal(t, "["+tt.want+"]", m.Graph.Inputs[0].Type.Tensor.Shape.String())
			require.Equal(t, shaped(tt.fields), m.Append(nil))
		})
	}
}

func TestRepeatedNumbersAreReadAndWrittenInEitherForm(t *testing.T) {
	packed := model(initializer(bytesField(1, []byte{2, 3}), intField(2, 7), bytesField(7, []byte{1, 2, 3, 4, 5, 6})))
	single := model(initializer(intField(1, 2), intField(1, 3), intField(2, 7),
		intField(7, 1), intField(7, 2), intField(7, 3), intField(7, 4), intField(7, 5), intField(7, 6)))
	for name, data := range map[string][]byte{"packed": packed, "one by one": single} {
		t.Run(name, func(t *testing.T) {
			m, err := onnxpb.Read(data)
			require.NoError(t, err)
			w := m.Graph.Initializers[0]
			require.Equal(t, []int64{2, 3}, w.Dims)
			require.Equal(t, []int64{1, 2, 3, 4, 5, 6}, w.Int64Data)
			require.Equal(t, data, m.Append(nil))
		})
	}
}

func TestUnknownFieldsAreKeptInTheirPlace(t *testing.T) {
	strange := join(intField(11, 5), []byte{12<<3 | 1, 1, 2, 3, 4, 5, 6, 7, 8}, []byte{13<<3 | 5, 1, 2, 3, 4}, textField(90, "x"))
	data := join(intField(1, 8), model(node(textField(4, "A"), strange)), bytesField(8, intField(2, 17)),
		intField(9, 1), bytesField(14, textField(1, "k")), intField(26, 3), textField(1<<29-1, "last"))
	m, err := onnxpb.Read(data)
	require.NoError(t, err)
	require.Equal(t, data, m.Append(nil))

	m.Graph.Nodes[0].Name = "new" // a change elsewhere does not lose them
	require.Contains(t, string(m.Append(nil)), string(strange))
	m.Graph = &onnxpb.Graph{}
	require.NotContains(t, string(m.Append(nil)), string(strange))
}

func TestFieldsOfLaterVersionsOfTheFormat(t *testing.T) {
	entry := join(textField(1, "k"), textField(2, "v"))
	function := bytesField(25, textField(1, "f"), bytesField(11, textField(1, "alpha"), intField(20, 1)),
		bytesField(12, textField(1, "x")), textField(13, "o"), bytesField(14, entry))
	data := join(model(
		node(textField(4, "F"), textField(8, "o"), bytesField(9, entry)),
		initializer(textField(8, "w"), bytesField(16, entry)),
		bytesField(11, textField(1, "x"), bytesField(4, entry)),
		bytesField(16, entry)), function)
	m, err := onnxpb.Read(data)
	require.NoError(t, err)
	require.Equal(t, data, m.Append(nil))
	require.Equal(t, "o", m.Graph.Nodes[0].Overload)
	for _, got := range [][]onnxpb.Entry{m.Graph.Metadata, m.Graph.Nodes[0].Metadata,
		m.Graph.Initializers[0].Metadata, m.Graph.Inputs[0].Metadata, m.Functions[0].Metadata} {
		require.Equal(t, []onnxpb.Entry{{Key: "k", Value: "v"}}, got)
	}
	require.Equal(t, "alpha", m.Functions[0].Defaults[0].Name)
	require.Equal(t, "o", m.Functions[0].Overload)
	require.Equal(t, "x", m.Functions[0].ValueInfos[0].Name)
}

func TestRawDataIsAWindowAndAppendingToItHarmless(t *testing.T) {
	data := model(initializer(intField(1, 4), intField(2, 2), textField(8, "w"), textField(9, "abcd")), textField(10, "doc"))
	before := bytes.Clone(data)
	m, err := onnxpb.Read(data)
	require.NoError(t, err)
	raw := m.Graph.Initializers[0].Raw
	require.Equal(t, "abcd", string(raw))
	_ = append(raw, "overwritten"...)
	require.Equal(t, before, data)
	data[strings.Index(string(data), "abcd")] = 'A'
	require.Equal(t, "Abcd", string(raw))
}

func TestAppendExtendsAndDoesNotChangeTheModel(t *testing.T) {
	m := chain(3)
	data := m.Append(nil)
	require.Equal(t, "prefix"+string(data), string(m.Append([]byte("prefix"))))
	require.Equal(t, len(data), m.Size())
	again, err := onnxpb.Read(data)
	require.NoError(t, err)
	require.Equal(t, m.Graph.Nodes, again.Graph.Nodes)
}

func TestAppendMayRunManyTimesAtOnce(t *testing.T) {
	data, err := os.ReadFile("testdata/every.onnx")
	require.NoError(t, err)
	m, err := onnxpb.Read(data)
	require.NoError(t, err)
	got := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = m.Append(nil) })
	}
	wg.Wait()
	for _, b := range got {
		require.Equal(t, data, b)
	}
}
