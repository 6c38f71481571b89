package tokenize_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/tokenize"
)

// corpus returns the test texts, of which a part is meant to be hard, and a
// long text of lines of prose.
func corpus(b testing.TB) map[string][]string {
	all := texts(b)
	return map[string][]string{"all": all, "prose": all[2040:]}
}

func BenchmarkEncode(b *testing.B) {
	lists := corpus(b)
	for _, name := range []string{"bert", "gpt2", "llama3", "gpt4o", "clip", "llama2", "xlmr", "unibytes"} {
		tk := load(b, name, tokenize.Options{})
		for kind, list := range lists {
			b.Run("model="+name+"/texts="+kind, func(b *testing.B) { encodeAll(b, tk, list) })
		}
	}
}

func encodeAll(b *testing.B, tk *tokenize.Tokenizer, list []string) {
	size := 0
	for _, s := range list {
		size += len(s)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var e tokenize.Encoding
	for b.Loop() {
		for _, s := range list {
			e = tk.Encode(e, s)
		}
	}
}

func BenchmarkPublished(b *testing.B) {
	dir := os.Getenv(published)
	if dir == "" {
		b.Skipf("%s is not set: see testdata/install.sh", published)
	}
	for _, name := range []string{"gpt4o", "llama2", "llama3", "qwen2_5", "gemma3"} {
		data, err := os.ReadFile(filepath.Join(dir, "node_modules/@lenml/tokenizer-"+name, "models/tokenizer.json"))
		require.NoError(b, err)
		b.Run("load/model="+name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				_, err := tokenize.Load(data, tokenize.Options{})
				require.NoError(b, err)
			}
		})
		tk, err := tokenize.Load(data, tokenize.Options{})
		require.NoError(b, err)
		for kind, list := range corpus(b) {
			b.Run("encode/model="+name+"/texts="+kind, func(b *testing.B) { encodeAll(b, tk, list) })
		}
	}
}
