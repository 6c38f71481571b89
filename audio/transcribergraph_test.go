package audio_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
)

// Some exporters give the decoder inputs that tell positions and masks.
func TestInputsOfOtherExporters(t *testing.T) {
	for _, form := range []string{"alone", "split", "merged"} {
		m := hello()
		m.more = []string{"cache_position", "position_ids", "attention_mask", "encoder_attention_mask"}
		r := &recording{Backend: nativeBackend(t)}
		rt, err := optimize.New(optimize.Options{Backend: r})
		require.NoError(t, err)
		tr := newTranscriber(t, audio.TranscriberOptions{Model: m.model(t, form), NoVoiceDetector: true, Runtime: rt})
		got, err := tr.Run(t.Context(), tone2())
		require.NoError(t, err)
		require.Equal(t, "Hello world. Bye!", got.Text())
		// The last run has the 9 tokens of text and times behind the 3 of the prompt.
		positions := r.named["cache_position"]
		require.EqualValues(t, 11, positions[len(positions)-1], form)
		require.Equal(t, positions, r.named["position_ids"])
		require.Len(t, positions, len(r.named["input_ids"]))
		require.Len(t, r.named["attention_mask"], 12)
		require.Len(t, r.named["encoder_attention_mask"], 100)
	}
}

func TestGraphsThatDoNotFit(t *testing.T) {
	graph := func(input string, elem onnxpb.DataType, output string) []byte {
		b := onnxpb.NewBuilder("other")
		b.Input(input, elem, onnxpb.FreeDim("n"))
		b.Rename(b.Op("Identity", input), output)
		b.Output(output, elem, onnxpb.FreeDim("n"))
		return b.Model(17).Append(nil)
	}
	split := hello().files("split")
	tests := map[string]struct {
		files map[string][]byte
		text  string
	}{
		"an encoder of numbers": {map[string][]byte{"encoder_model.onnx": graph("input_features", onnxpb.Int64, "y")},
			"not input_features of float32"},
		"a decoder without logits": {map[string][]byte{"decoder_model.onnx": graph("input_ids", onnxpb.Int64, "y")},
			"first output is y"},
		"an input that nobody knows": {map[string][]byte{"decoder_model.onnx": graph("speaker", onnxpb.Float, "logits")},
			"no use for the decoder's input speaker"},
		"a first decoder that wants a past": {map[string][]byte{
			"decoder_model.onnx": split["decoder_with_past_model.onnx"].Data}, "wants 4 past keys and values"},
		"a later decoder without a past": {map[string][]byte{
			"decoder_with_past_model.onnx": split["decoder_model.onnx"].Data}, "takes no past keys and values"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			files := hello().files("split")
			for file, data := range tt.files {
				files[file] = &fstest.MapFile{Data: data}
			}
			model, err := optimize.ModelFS(files, "")
			require.NoError(t, err)
			_, err = audio.NewTranscriber(audio.TranscriberOptions{Model: model})
			require.ErrorIs(t, err, quintet.ErrModel)
			require.ErrorContains(t, err, tt.text)
		})
	}
	_, err := audio.NewTranscriber(audio.TranscriberOptions{Model: optimize.ModelBytes(split["encoder_model.onnx"].Data)})
	require.ErrorIs(t, err, quintet.ErrModel)
	require.ErrorContains(t, err, "a model in memory has no config.json")
}

// Where no temperature gives a text that passes, the most likely one counts that does not
// repeat itself.
func TestTheBestOfFailedTexts(t *testing.T) {
	m := hello()
	o := audio.TranscriberOptions{MinLogProb: -1e-9, Temperatures: []float64{2, 0, 1.9}, BestOf: 1, NoSpeech: 1}
	got := transcribe(t, m, tone2(), o)
	require.Equal(t, "Hello world. Bye!", got.Text())
	for _, s := range got.Segments {
		require.Zero(t, s.Temperature)
	}

	loop := newTinyWhisper(2, "la", "Ġla")
	loop.say("<|transcribe|>", "<0.00>", "la", "Ġla", "Ġla")
	loop.set(loop.loud, 8, "Ġla", "<1.00>")
	loop.say("<1.00>", "<|endoftext|>")
	got = transcribe(t, loop, tone2(), audio.TranscriberOptions{MinLogProb: -1e-9, Temperatures: []float64{0, 1}, NoSpeech: 1,
		MaxTokens: 30, BestOf: 1, Seed: 1})
	require.EqualValues(t, 1, got.Segments[0].Temperature, "although that at 0 is more likely")
	require.LessOrEqual(t, got.Segments[0].Compression, 2.4)
}

// Text that was drawn at a high temperature is not put before the next window, and what
// is put there is never longer than there is room for.
func TestPreviousTextIsBounded(t *testing.T) {
	minute := mono(synth.Tone(16000, 20*16000, 440, 0.5))
	prompts := func(m *tinyWhisper, o audio.TranscriberOptions) [][]int64 {
		r := &recording{Backend: nativeBackend(t)}
		rt, err := optimize.New(optimize.Options{Backend: r})
		require.NoError(t, err)
		o.Runtime, o.PreviousText = rt, true
		require.NotEmpty(t, transcribe(t, m, minute, o).Segments)
		require.NotEmpty(t, r.prompts())
		return r.prompts()
	}
	longest := 0
	for _, p := range prompts(hello(), audio.TranscriberOptions{Prompt: "Hello world. Bye!"}) {
		longest = max(longest, len(p))
		require.EqualValues(t, hello().id("<|startofprev|>"), p[0])
	}
	require.Equal(t, 30-1+1+3, longest, "half of what the model holds, and the begin")
	for _, p := range prompts(hello(), audio.TranscriberOptions{Temperatures: []float64{0.6}}) {
		require.Len(t, p, 3)
	}
}

func TestLanguagesOfTheVocabulary(t *testing.T) {
	m := hello()
	delete(m.generation, "lang_to_id")
	got := transcribe(t, m, tone2(), audio.TranscriberOptions{Language: "zh"})
	require.Equal(t, "zh", got.Language)
	got = transcribe(t, m, tone2(), audio.TranscriberOptions{})
	require.Equal(t, "en", got.Language)
}
