package hub_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/hub"
)

func TestFetchOfAListedRepository(t *testing.T) {
	files := map[string][]byte{
		"config.json": {1}, "vocab.txt": {2}, "onnx/model.onnx": {3}, "onnx/model.onnx_data": {4}, "1_Pooling/config.json": {5},
		"pytorch_model.bin": {6}, "onnx/model_int8.onnx": {7}, ".gitattributes": {8}, "README.md": {9}, "deep/er/config.json": {10},
	}
	s := serve(t, files)
	list := func(w http.ResponseWriter) {
		fmt.Fprintf(w, `{"sha":%q,"siblings":[{"rfilename":"config.json","size":1}`, commit)
		for name, data := range files {
			if name != "config.json" {
				fmt.Fprintf(w, `,{"rfilename":%q,"size":1,"lfs":{"sha256":%q}}`, name, sum(data))
			}
		}
		fmt.Fprint(w, "]}")
	}
	s.trouble = func(i int, w http.ResponseWriter, r *http.Request) bool {
		if i == 0 {
			w.WriteHeader(500)
		} else if r.URL.Path == "/api/models/owner/name/revision/main" {
			list(w)
		}
		return i < 2
	}
	o := s.options(t)
	o.Files = nil
	dir, err := hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"config.json": "\x01", "vocab.txt": "\x02", "onnx/model.onnx": "\x03", "onnx/model.onnx_data": "\x04", "1_Pooling/config.json": "\x05",
	}, tree(t, dir))
	for _, path := range s.paths()[2:] {
		require.Contains(t, path, "/resolve/"+commit+"/")
	}
	o.SHA256 = map[string]string{"README.md": sum(files["README.md"])}
	_, err = hub.Fetch(ctx, repo, o)
	require.ErrorIs(t, err, quintet.ErrOption)
	require.ErrorContains(t, err, "SHA256 names files that are not fetched")
	o.SHA256 = nil
	s.Close()
	_, err = hub.Fetch(ctx, repo, o)
	require.NoError(t, err, "the list is not needed again")
}

func TestFetchRefusesLists(t *testing.T) {
	entry := func(name string) string {
		return fmt.Sprintf(`{"siblings":[{"rfilename":%q},{"rfilename":"model.onnx"}]}`, name)
	}
	tests := map[string]struct{ list, message string }{
		"no JSON":             {"<html>", "invalid character"},
		"no files":            {"{}", "no ONNX file in a usual place"},
		"a name above":        {entry("../x.json"), `"../x.json" is no file name`},
		"a name of our own":   {entry(".quintet/lock"), "is no file name"},
		"a name in the clear": {entry("/etc/passwd"), "is no file name"},
		"names that differ by case": {
			`{"siblings":[{"rfilename":"model.onnx"},{"rfilename":"A.json"},{"rfilename":"a.json"}]}`, "stands there twice",
		},
		"too large for the limit": {`{"siblings":[{"rfilename":"model.onnx","size":9000000000000}]}`, "larger than MaxBytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, nil)
			s.trouble = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
				_, _ = w.Write([]byte(tt.list))
				return true
			}
			o := s.options(t)
			o.Files = nil
			_, err := hub.Fetch(ctx, repo, o)
			require.ErrorIs(t, err, quintet.ErrModel)
			require.ErrorContains(t, err, tt.message)
			require.Empty(t, tree(t, o.Dir))
		})
	}
}
