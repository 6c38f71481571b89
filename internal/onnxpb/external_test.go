package onnxpb_test

import (
	"encoding/binary"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// outside is a tensor of float32 in another file; extra are pairs of a key and a
// value.
func outside(name string, dims []int64, file string, extra ...string) *onnxpb.Tensor {
	t := &onnxpb.Tensor{Name: name, DataType: onnxpb.Float, Dims: dims, Location: onnxpb.Outside,
		External: []onnxpb.Entry{{Key: "location", Value: file}}}
	for i := 0; i < len(extra); i += 2 {
		t.External = append(t.External, onnxpb.Entry{Key: extra[i], Value: extra[i+1]})
	}
	return t
}

// holding is a model with the given initializers.
func holding(tensors ...*onnxpb.Tensor) *onnxpb.Model {
	return &onnxpb.Model{Graph: &onnxpb.Graph{Initializers: tensors}}
}

// floatFile is a file of the numbers 0, 1, 2 and so on.
func floatFile(n int) []byte {
	var b []byte
	for i := range n {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(i)))
	}
	return b
}

func TestLoadExternalReadsEveryTensorFromItsExtent(t *testing.T) {
	fsys := fstest.MapFS{"w.bin": {Data: floatFile(8)}, "more/v.bin": {Data: floatFile(3)}}
	deep := outside("deep", []int64{1}, "w.bin", "offset", "28", "length", "4", "checksum", "ignored")
	branch := &onnxpb.Graph{Nodes: []*onnxpb.Node{
		onnxpb.NewNode("Constant", nil, []string{"c"}, onnxpb.TensorAttr("value", deep))}}
	m := holding(outside("a", []int64{2, 2}, "w.bin", "offset", "8", "length", "16"), outside("b", []int64{3}, "./more/v.bin"),
		outside("c", []int64{0, 5}, "w.bin", "offset", "32"), onnxpb.NewTensor("inside", []float32{9}))
	m.Graph.Nodes = []*onnxpb.Node{onnxpb.NewNode("If", []string{"x"}, []string{"y"}, onnxpb.GraphAttr("then_branch", branch))}
	m.Functions = []*onnxpb.Function{{Nodes: []*onnxpb.Node{onnxpb.NewNode("F", nil, nil,
		onnxpb.Attribute{Name: "list", Type: onnxpb.AttrTensors, Tensors: []*onnxpb.Tensor{outside("f", []int64{1}, "w.bin")}})}}}

	require.NoError(t, m.LoadExternal(fsys, 4+16+12+4))
	got := map[string][]float32{}
	for tensor := range m.Tensors() {
		v, err := tensor.Float32s()
		require.NoError(t, err)
		got[tensor.Name] = v
	}
	require.Equal(t, map[string][]float32{"a": {2, 3, 4, 5}, "b": {0, 1, 2}, "c": {}, "inside": {9}, "deep": {7}, "f": {0}}, got)

	again, err := onnxpb.Read(m.Append(nil))
	require.NoError(t, err)
	v, err := again.Graph.Initializers[0].Float32s()
	require.NoError(t, err)
	require.Equal(t, []float32{2, 3, 4, 5}, v, "written inside")
}

func TestLoadExternalRefuses(t *testing.T) {
	fsys := fstest.MapFS{"w.bin": {Data: floatFile(2)}, "dir/x": {}, "pipe": {Mode: fs.ModeNamedPipe}}
	two := []int64{2}
	tests := map[string]struct {
		tensor *onnxpb.Tensor
		limit  int64
		want   string
	}{
		"no location":                  {outside("w", two, ""), 0, `external location "": leaves the folder of the model`},
		"the folder itself":            {outside("w", two, "."), 0, "leaves the folder"},
		"an absolute path":             {outside("w", two, "/etc/passwd"), 0, `external location "/etc/passwd": leaves the folder`},
		"a path upwards":               {outside("w", two, "../w.bin"), 0, "leaves the folder"},
		"a path upwards in the middle": {outside("w", two, "dir/../../w.bin"), 0, "leaves the folder"},
		"a path up and down again":     {outside("w", two, "dir/../w.bin"), 0, "leaves the folder"},
		"a backslash":                  {outside("w", two, `..\w.bin`), 0, "leaves the folder"},
		"a zero byte":                  {outside("w", two, "w.bin\x00"), 0, "leaves the folder"},
		"a file that is not there":     {outside("w", two, "other.bin"), 0, "external file other.bin: "},
		"a folder":                     {outside("w", two, "dir"), 0, "external file dir: is no regular file"},
		"a pipe":                       {outside("w", two, "pipe"), 0, "external file pipe: is no regular file"},
		"a file that is too short":     {outside("w", []int64{3}, "w.bin"), 0, "external file w.bin has 8 bytes, want 12 from 0 on"},
		"an offset beyond the end":     {outside("w", []int64{1}, "w.bin", "offset", "9"), 0, "has 8 bytes, want 4 from 9 on"},
		"an offset near the end":       {outside("w", two, "w.bin", "offset", "4"), 0, "has 8 bytes, want 8 from 4 on"},
		"an offset of 2^63-1":          {outside("w", two, "w.bin", "offset", "9223372036854775807"), 0, "external data at offset 9223372036854775807"},
		"a negative offset":            {outside("w", two, "w.bin", "offset", "-4"), 0, "external data at offset -4"},
		"an offset that is no number":  {outside("w", two, "w.bin", "offset", "zero"), 0, `external offset "zero"`},
		"a length that is too short":   {outside("w", two, "w.bin", "length", "4"), 0, `external length "4": float32[2] needs 8 bytes`},
		"a length that is no number":   {outside("w", two, "w.bin", "length", "99999999999999999999"), 0, `external length "99999999999999999999"`},
		"dimensions that overflow":     {outside("w", []int64{1 << 62}, "w.bin"), 0, "overflow"},
		"dimensions that lie":          {outside("w", []int64{1 << 40}, "w.bin"), 0, "has 8 bytes, want 4398046511104 from 0 on"},
		"more than the limit":          {outside("w", two, "w.bin"), 7, "external data of 8 bytes, of the limit 7 bytes are left"},
		"strings":                      {&onnxpb.Tensor{Name: "w", DataType: onnxpb.String, Location: onnxpb.Outside}, 0, "string has no raw data"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := holding(tt.tensor).LoadExternal(fsys, tt.limit)
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "tensor w: ")
			require.ErrorIs(t, err, quintet.ErrModel)
			require.Equal(t, onnxpb.Outside, tt.tensor.Location)
			require.Nil(t, tt.tensor.Raw)
		})
	}
	err := holding(outside("w", two, "other.bin")).LoadExternal(fsys, 0)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorIs(t, holding().LoadExternal(fsys, -1), quintet.ErrOption)
}

// TestLoadExternalCountsWhatManyTensorsShare: a small file must not become much
// memory by being named often.
func TestLoadExternalCountsWhatManyTensorsShare(t *testing.T) {
	fsys := fstest.MapFS{"w.bin": {Data: floatFile(1024)}}
	var list []*onnxpb.Tensor
	for range 1000 {
		list = append(list, outside("w", []int64{1024}, "w.bin"))
	}
	m := holding(list...)
	require.ErrorContains(t, m.LoadExternal(fsys, 10*4096), "external data of 4096 bytes, of the limit 0 bytes are left")
	require.NotNil(t, list[9].Raw)
	require.Nil(t, list[10].Raw)
}

// slowFS has files that can only be read from their beginning.
type slowFS struct{ fstest.MapFS }

func (f slowFS) Open(name string) (fs.File, error) {
	file, err := f.MapFS.Open(name)
	if err != nil {
		return nil, err
	}
	return struct{ fs.File }{file}, nil
}

func TestLoadExternalNeedsNoRandomAccess(t *testing.T) {
	m := holding(outside("a", []int64{1}, "w.bin", "offset", "8"), outside("b", []int64{1}, "w.bin", "offset", "4"))
	require.NoError(t, m.LoadExternal(slowFS{fstest.MapFS{"w.bin": {Data: floatFile(3)}}}, 0))
	for i, want := range []float32{2, 1} {
		v, err := m.Graph.Initializers[i].Float32s()
		require.NoError(t, err)
		require.Equal(t, []float32{want}, v)
	}
}

func TestOpenReadsAModelAndItsDataFromDisk(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "m.onnx")
	data := holding(outside("w", []int64{3}, "w.bin")).Append(nil)
	require.NoError(t, os.WriteFile(name, data, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "w.bin"), floatFile(3), 0o600))
	size := int64(len(data))

	m, err := onnxpb.Open(name, size+12)
	require.NoError(t, err)
	v, err := m.Graph.Initializers[0].Float32s()
	require.NoError(t, err)
	require.Equal(t, []float32{0, 1, 2}, v)

	_, err = onnxpb.Open(name, size+11)
	require.ErrorIs(t, err, quintet.ErrModel)
	_, err = onnxpb.Open(name, size-1)
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = onnxpb.Open(name, -1)
	require.ErrorIs(t, err, quintet.ErrOption)
	_, err = onnxpb.Open(dir, 0)
	require.ErrorIs(t, err, quintet.ErrInput)
	_, err = onnxpb.Open(filepath.Join(dir, "none.onnx"), 0)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestOpenDoesNotFollowLinksOutOfTheFolder(t *testing.T) {
	dir := t.TempDir()
	inside := filepath.Join(dir, "model")
	require.NoError(t, os.Mkdir(inside, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret.bin"), floatFile(1), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(inside, "real.bin"), floatFile(1), 0o600))
	if err := os.Symlink("../secret.bin", filepath.Join(inside, "out.bin")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	require.NoError(t, os.Symlink("real.bin", filepath.Join(inside, "in.bin")))
	name := filepath.Join(inside, "m.onnx")
	for file, ok := range map[string]bool{"in.bin": true, "out.bin": false} {
		require.NoError(t, os.WriteFile(name, holding(outside("w", []int64{1}, file)).Append(nil), 0o600))
		_, err := onnxpb.Open(name, 0)
		if ok {
			require.NoError(t, err, file)
		} else {
			require.ErrorIs(t, err, quintet.ErrModel, file)
		}
	}
}
