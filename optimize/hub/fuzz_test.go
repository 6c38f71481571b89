package hub_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/hub"
)

// stays reports whether a name leads below dir and nowhere else.
func stays(name string) bool {
	path := filepath.Join("/models/m", filepath.FromSlash(name))
	return strings.HasPrefix(path, "/models/m/") && path == "/models/m/"+name && !strings.Contains(name, `\`)
}

func FuzzValidName(f *testing.F) {
	for _, s := range append(escapes, "model.onnx", "onnx/model.onnx", "a b.json", "ä/ö.txt", "CON", "..."+"x") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !hub.ValidName(name) {
			return
		}
		if !stays(name) || strings.HasPrefix(strings.ToLower(name), ".quintet/") || strings.EqualFold(name, hub.ManifestName) {
			t.Fatalf("%q was accepted", name)
		}
		root, err := os.OpenRoot(t.TempDir())
		require.NoError(t, err)
		defer root.Close()
		if _, err := root.Stat(name); !os.IsNotExist(err) {
			t.Fatalf("%q: %v", name, err)
		}
	})
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"repo":"a/b","revision":"main","files":[{"name":"model.onnx","size":1,"sha256":"` + sum(nil) + `"}]}`))
	f.Add([]byte(`{"files":[{"name":"../x","size":1,"sha256":"` + sum(nil) + `"}]}`))
	f.Add([]byte(`{"files":[{"name":"x","size":-1}]}`))
	f.Add([]byte(`{"commit":"/../"}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := hub.ParseManifest(data)
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrModel)
			return
		}
		for _, file := range m.Files {
			if !stays(file.Name) || file.Size < 0 || len(file.SHA256) != 64 {
				t.Fatalf("%+v was accepted", file)
			}
		}
		again, err := json.Marshal(m)
		require.NoError(t, err)
		_, err = hub.ParseManifest(again)
		require.NoError(t, err, "what was read can be written")
	})
}

func FuzzList(f *testing.F) {
	f.Add([]byte(`{"sha":"` + commit + `","siblings":[{"rfilename":"model.onnx","size":3,"lfs":{"sha256":"` + sum(nil) + `"}}]}`))
	f.Add([]byte(`{"siblings":[{"rfilename":"onnx/model.onnx"},{"rfilename":"config.json","size":null,"lfs":null}]}`))
	f.Add([]byte(`{"siblings":[{"rfilename":"../model.onnx"},{"rfilename":"model.onnx"}]}`))
	f.Add([]byte(`{"siblings":[{"rfilename":"model.onnx","size":-5}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		files, err := hub.ParseList(data)
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrModel)
			return
		}
		for _, file := range files {
			if !stays(file.Name) || file.Size < -1 || file.SHA256 != "" && len(file.SHA256) != 64 {
				t.Fatalf("%+v was chosen", file)
			}
		}
	})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		header string
		want   time.Duration
		ok     bool
	}{
		"seconds":       {"7", 7 * time.Second, true},
		"a date":        {"Mon, 23 Nov 2026 03:01:00 GMT", time.Minute, true},
		"a date before": {"Mon, 23 Nov 2026 02:00:00 GMT", 0, true},
		"nothing":       {"", 0, false},
		"less than 0":   {"-1", 0, false},
		"far too much":  {"99999999999999999999", 0, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := hub.RetryAfter(tt.header, now)
			require.Equal(t, tt.ok, ok)
			require.Equal(t, tt.want, got)
		})
	}
}
