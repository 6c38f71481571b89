package onnxpb_test

import (
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// corpus is where Debian's libonnx-testdata puts the models of ONNX's own tests.
const corpus = "/usr/share/libonnx-testdata/data"

// TestAgreesWithThePythonPackage compares with what testdata/golden.py printed.
func TestAgreesWithThePythonPackage(t *testing.T) {
	data, err := os.ReadFile("testdata/every.onnx")
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/every.txt")
	require.NoError(t, err)
	m, err := onnxpb.Read(data)
	require.NoError(t, err)
	require.Equal(t, string(want), dump(m))
	require.Equal(t, data, m.Append(nil), "written again")
}

// TestAgreesOnTheTestDataOfONNX compares 1,072 models with what the Python
// package says of them and with themselves when written again.
func TestAgreesOnTheTestDataOfONNX(t *testing.T) {
	golden, err := os.ReadFile("testdata/corpus.txt")
	require.NoError(t, err)
	want := strings.Fields(string(golden))
	paths := models(t, corpus)
	if len(paths) != len(want) {
		t.Skipf("found %d of %d models: install libonnx-testdata 1.12", len(paths), len(want))
	}
	for i, path := range paths {
		data, m := roundTrip(t, path)
		require.Equal(t, want[i], fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(dump(m)))), path)
		require.Equal(t, len(data), m.Size(), path)
	}
}

// TestRealModelsRoundTrip covers files of other exporters: those beside the
// checkout, and every .onnx file below the folder that ONNX_MODELS names.
func TestRealModelsRoundTrip(t *testing.T) {
	paths := models(t, "../../../shared/data/models")
	if dir := os.Getenv("ONNX_MODELS"); dir != "" {
		paths = append(paths, models(t, dir)...)
	}
	if len(paths) == 0 {
		t.Skip("found 0 models: name a folder in ONNX_MODELS")
	}
	for _, path := range paths {
		data, m := roundTrip(t, path)
		for tensor := range m.Tensors() {
			_, err := tensor.Bytes()
			require.NoError(t, err, "%s: %s", path, tensor.Name)
		}
		info, err := onnxpb.ReadInfo(data)
		require.NoError(t, err)
		require.Equal(t, len(m.Graph.Nodes), info.Nodes)
	}
	t.Logf("%d models", len(paths))
}

// roundTrip reads a model and requires that it is written as it was.
func roundTrip(t *testing.T, path string) ([]byte, *onnxpb.Model) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	m, err := onnxpb.Read(data)
	require.NoError(t, err, path)
	require.True(t, string(data) == string(m.Append(nil)), "%s is written differently", path)
	return data, m
}

// models lists the .onnx files below dir, in the order of their paths.
func models(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".onnx" {
			paths = append(paths, path)
		}
		return nil // a folder that is not there has no models
	})
	require.NoError(t, err)
	return paths
}

// protoNames has the name in onnx.proto of each field, in the order of the
// numbers there.
var protoNames = map[string]string{
	"Model": `IRVersion ir_version ProducerName producer_name ProducerVersion producer_version Domain domain
		ModelVersion model_version Doc doc_string Graph graph Opsets opset_import Metadata metadata_props
		TrainingInfo training_info Functions functions`,
	"Opset": `Domain domain Version version`,
	"Entry": `Key key Value value`,
	"Function": `Name name Inputs input Outputs output Attributes attribute Nodes node Doc doc_string
		Opsets opset_import Domain domain`,
	"Graph": `Nodes node Name name Initializers initializer Doc doc_string Inputs input Outputs output
		ValueInfos value_info Annotations quantization_annotation SparseInitializers sparse_initializer`,
	"Node": `Inputs input Outputs output Name name OpType op_type Attributes attribute Doc doc_string Domain domain`,
	"Attribute": `Name name Float f Int i String s Tensor t Graph g Floats floats Ints ints Strings strings
		Tensors tensors Graphs graphs Doc doc_string TypeProto tp TypeProtos type_protos Type type
		Ref ref_attr_name SparseTensor sparse_tensor SparseTensors sparse_tensors`,
	"Tensor": `Dims dims DataType data_type Segment segment FloatData float_data Int32Data int32_data
		StringData string_data Int64Data int64_data Name name Raw raw_data DoubleData double_data
		Uint64Data uint64_data Doc doc_string External external_data Location data_location`,
	"ValueInfo": `Name name Type type Doc doc_string`,
	"Type": `Tensor tensor_type Sequence sequence_type Map map_type Denotation denotation Opaque opaque_type
		Sparse sparse_tensor_type Optional optional_type`,
	"TensorType": `Elem elem_type Shape shape`,
	"ElemType":   `Elem elem_type`,
	"MapType":    `Key key_type Value value_type`,
	"Shape":      `Dims dim`,
}

// dump prints a model as testdata/golden.py does.
func dump(m *onnxpb.Model) string {
	var b strings.Builder
	dumpStruct(&b, reflect.ValueOf(m).Elem(), "")
	return b.String()
}

func dumpStruct(b *strings.Builder, v reflect.Value, indent string) {
	if d, ok := v.Interface().(onnxpb.Dim); ok {
		if d.Fixed {
			fmt.Fprintf(b, "%sdim_value %d\n", indent, d.Value)
		} else if d.Param != "" {
			fmt.Fprintf(b, "%sdim_param %s\n", indent, quoted(d.Param))
		}
		return
	}
	names := strings.Fields(protoNames[v.Type().Name()])
	for i := 0; i < len(names); i += 2 {
		dumpField(b, v.FieldByName(names[i]), indent, names[i+1])
	}
}

func dumpField(b *strings.Builder, f reflect.Value, indent, name string) {
	if f.Kind() != reflect.Slice || f.Type().Elem().Kind() == reflect.Uint8 {
		if !f.IsZero() {
			dumpValue(b, f, indent, name)
		}
		return
	}
	for i := range f.Len() {
		dumpValue(b, f.Index(i), indent, name)
	}
}

func dumpValue(b *strings.Builder, v reflect.Value, indent, name string) {
	fmt.Fprint(b, indent, name)
	switch v.Kind() {
	case reflect.Pointer:
		fmt.Fprintln(b)
		dumpStruct(b, v.Elem(), indent+" ")
	case reflect.Struct:
		fmt.Fprintln(b)
		dumpStruct(b, v, indent+" ")
	case reflect.String:
		fmt.Fprintln(b, "", quoted(v.String()))
	case reflect.Slice:
		fmt.Fprintln(b, "", quoted(string(v.Bytes())))
	case reflect.Float32:
		fmt.Fprintf(b, " %08x\n", math.Float32bits(float32(v.Float())))
	case reflect.Float64:
		fmt.Fprintf(b, " %016x\n", math.Float64bits(v.Float()))
	case reflect.Uint64:
		fmt.Fprintln(b, "", v.Uint())
	default:
		fmt.Fprintln(b, "", v.Int())
	}
}

func quoted(s string) string {
	switch {
	case len(s) > 32:
		return fmt.Sprintf("%d bytes %08x", len(s), crc32.ChecksumIEEE([]byte(s)))
	case strings.ContainsFunc(s, func(r rune) bool { return r < 32 || r > 126 }):
		return hex.EncodeToString([]byte(s))
	}
	return "'" + s + "'"
}
