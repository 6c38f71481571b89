package language_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text/language"
)

func BenchmarkDetect(b *testing.B) {
	d, err := language.New(language.Options{})
	require.NoError(b, err)
	for _, name := range []string{"single-words", "word-pairs", "sentences"} {
		b.Run("text="+name, func(b *testing.B) {
			texts, more := labelledTexts(b, name)
			texts = append(texts, more...)
			size := 0
			for _, t := range texts {
				size += len(t.text)
			}
			b.SetBytes(int64(size / len(texts)))
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				d.Detect(texts[i%len(texts)].text)
				i++
			}
		})
	}
}
