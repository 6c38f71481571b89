package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// tinyTokenizer knows three words.
const tinyTokenizer = `{
	"version": "1.0",
	"added_tokens": [{"id": 1, "content": "[CLS]", "special": true}, {"id": 2, "content": "[SEP]", "special": true}],
	"normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true},
	"pre_tokenizer": {"type": "BertPreTokenizer"},
	"post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 1], "sep": ["[SEP]", 2]},
	"decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
	"model": {
		"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
		"vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "meadow": 3, "sunset": 4, "night": 5}
	}
}`

// tinyCLIP writes two graphs, in the layout of published exports: one takes a picture for
// its mean colour, one a text for the colours of its words.
func tinyCLIP(t *testing.T) string {
	t.Helper()
	n, three := onnxpb.FreeDim("batch"), onnxpb.FixedDim(3)
	mean := func(b *onnxpb.Builder, x, name string, axes ...int64) []byte {
		y := b.OpWith("ReduceMean", []onnxpb.Attribute{onnxpb.IntsAttr("axes", axes...), onnxpb.IntAttr("keepdims", 0)}, x)
		b.Rename(y, name)
		b.Output(name, onnxpb.Float, n, three)
		return b.Model(17).Append(nil)
	}
	sights := onnxpb.NewBuilder("vision")
	picture := mean(sights, sights.Input("pixel_values", onnxpb.Float, n, three, onnxpb.FixedDim(4), onnxpb.FixedDim(4)), "image_embeds", 2, 3)

	phrases := onnxpb.NewBuilder("text")
	ids := phrases.Input("input_ids", onnxpb.Int64, n, onnxpb.FreeDim("tokens"))
	table := phrases.Weight(onnxpb.NewTensor("words", []float32{
		0, 0, 0, 0, 0, 0, 0, 0, 0, // of marks
		-1, 1, -1, 1, -1, -1, -1, -1, -1, // green, red, black
	}, 6, 3))
	words := mean(phrases, phrases.Op("Gather", table, ids), "text_embeds", 1)

	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "onnx"), 0o755))
	for name, data := range map[string][]byte{
		"onnx/vision_model.onnx": picture, "onnx/text_model.onnx": words, "tokenizer.json": []byte(tinyTokenizer),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o644))
	}
	return filepath.Join(dir, "onnx")
}

func TestModelsOfBothPartsAreOpened(t *testing.T) {
	m, err := openModels(command{clip: tinyCLIP(t)})
	require.NoError(t, err)
	defer func() { require.NoError(t, m.close()) }()
	lib := libraryOf(t, m)
	hits, err := lib.search(t.Context(), question{text: "a meadow", kind: kindPhoto, limit: 3})
	require.NoError(t, err)
	require.Equal(t, []string{"IMG_0042.jpg", "nasa/astronaut.jpg"}, paths(hits))
	hits, err = lib.search(t.Context(), question{text: "sunset", kind: kindPhoto, limit: 3})
	require.NoError(t, err)
	require.Equal(t, []string{"nasa/astronaut.jpg", "IMG_0042.jpg"}, paths(hits))
	hits, err = lib.search(t.Context(), question{text: "a meadow in spring", limit: 10})
	require.NoError(t, err)
	require.Subset(t, paths(hits), []string{"IMG_0042.jpg", "notes.txt"}, "both rankings become one")
}
