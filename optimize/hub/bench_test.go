package hub_test

import (
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/optimize/hub"
)

// A fetch does what a plain GET does, and hashes, writes and syncs besides.
func BenchmarkFetch(b *testing.B) {
	const size = 64 << 20
	s := serve(b, map[string][]byte{"model.onnx": make([]byte, size)})
	o := s.options(b)
	b.Run("way=fetch", func(b *testing.B) {
		b.SetBytes(size)
		for i := 0; b.Loop(); i++ {
			o.Dir = filepath.Join(b.TempDir(), strconv.Itoa(i))
			_, err := hub.Fetch(ctx, repo, o)
			require.NoError(b, err)
		}
	})
	b.Run("way=get", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			resp, err := http.Get(s.URL + "/owner/name/resolve/main/model.onnx")
			require.NoError(b, err)
			_, err = io.Copy(io.Discard, resp.Body)
			require.NoError(b, err)
			resp.Body.Close()
		}
	})
	b.Run("way=nothing-to-do", func(b *testing.B) {
		for b.Loop() {
			_, err := hub.Fetch(ctx, repo, o)
			require.NoError(b, err)
		}
	})
}
