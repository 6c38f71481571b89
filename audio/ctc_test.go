package audio_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
)

// The vocabulary of the tiny CTC model.
var ctcTokens = []string{"<pad>", "<s>", "</s>", "<unk>", "|", "H", "E", "L", "O", "Y"}

// tinyCTC is a CTC model whose output in each frame of 20 ms is the token whose number is
// ten times the mean sample.
func tinyCTC() fstest.MapFS {
	b := onnxpb.NewBuilder("ctc")
	x := b.Input("input_values", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FreeDim("samples"))
	b.Input("attention_mask", onnxpb.Int64, onnxpb.FreeDim("batch"), onnxpb.FreeDim("samples"))
	ints := func(v ...int64) string { return b.Weight(onnxpb.NewTensor("", v, int64(len(v)))) }
	y := b.OpWith("AveragePool", []onnxpb.Attribute{onnxpb.IntsAttr("kernel_shape", 320), onnxpb.IntsAttr("strides", 320)},
		b.Op("Unsqueeze", x, ints(1)))
	levels := make([]float32, len(ctcTokens))
	for i := range levels {
		levels[i] = float32(i) / 10
	}
	d := b.Op("Sub", b.Op("Unsqueeze", b.Op("Squeeze", y, ints(1)), ints(2)),
		b.Weight(onnxpb.NewTensor("", levels, 1, 1, int64(len(levels)))))
	b.Rename(b.Op("Mul", b.Op("Mul", d, d), b.Weight(onnxpb.NewTensor("", []float32{-2000}))), "logits")
	b.Output("logits", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FreeDim("frames"), onnxpb.FixedDim(int64(len(levels))))
	vocab := map[string]int{}
	for i, token := range ctcTokens {
		vocab[token] = i
	}
	files := fstest.MapFS{}
	put := func(name string, data []byte) { files[name] = &fstest.MapFile{Data: data} }
	put("model.onnx", b.Model(17).Append(nil))
	put("vocab.json", toJSON(vocab))
	put("config.json", toJSON(map[string]any{"model_type": "wav2vec2", "architectures": []string{"Wav2Vec2ForCTC"},
		"vocab_size": len(ctcTokens), "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "conv_stride": []int{5, 2, 2, 2, 2, 2, 2}}))
	put("preprocessor_config.json", toJSON(map[string]any{"sampling_rate": 16000, "feature_size": 1, "do_normalize": false}))
	put("tokenizer_config.json", toJSON(map[string]any{"word_delimiter_token": "|", "unk_token": map[string]any{"content": "<unk>"},
		"pad_token": "<pad>"}))
	return files
}

// spelled is sound that the tiny model hears as tokens, one a frame; "_" is none.
func spelled(frames string) (x []float32) {
	for _, letter := range frames {
		id := max(slices.Index(ctcTokens, string(letter)), 0)
		x = append(x, slices.Repeat([]float32{float32(id) / 10}, 320)...)
	}
	return x
}

func openCTC(t testing.TB, files fstest.MapFS, o audio.TranscriberOptions) *audio.Transcriber {
	t.Helper()
	model, err := optimize.ModelFS(files, "")
	require.NoError(t, err)
	o.Model, o.NoVoiceDetector = model, true
	return newTranscriber(t, o)
}

func TestKnownTextOfACTCModel(t *testing.T) {
	clip := mono(spelled("__HHEL_LLO|||_Y_O_"))
	for name, without := range map[string]string{"all files": "", "no tokenizer_config.json": "tokenizer_config.json"} {
		files := tinyCTC()
		delete(files, without)
		tr := openCTC(t, files, audio.TranscriberOptions{Words: true, Language: "en"})
		require.True(t, tr.WordTimes())
		got, err := tr.Run(t.Context(), clip)
		require.NoError(t, err)
		require.Equal(t, []string{"0.00-0.36 HELLO YO"}, lines(got.Segments), name)
		require.Equal(t, "en", got.Language)
		s := got.Segments[0]
		require.Greater(t, s.Score, 0.99)
		for i := range s.Words {
			require.Greater(t, s.Words[i].Score, 0.99)
			s.Words[i].Score = 0
		}
		require.Equal(t, []audio.TranscriptWord{
			{Start: 40 * ms, End: 200 * ms, Text: "HELLO"}, {Start: 280 * ms, End: 340 * ms, Text: "YO"},
		}, s.Words)
	}
}

func TestCTCHasNoTextForSilence(t *testing.T) {
	tr := openCTC(t, tinyCTC(), audio.TranscriberOptions{})
	for _, c := range []audio.Clip{mono(make([]float32, 50_000)), mono(make([]float32, 3)), {Rate: 8000, Channels: 2},
		mono(spelled("_|_|__________"))} {
		got, err := tr.Run(t.Context(), c)
		require.NoError(t, err)
		require.Empty(t, got.Segments)
	}
}

// A long sound is cut at its quietest places, and all of it is heard.
func TestLongSoundOfACTCModel(t *testing.T) {
	word := "HEL_LO" + strings.Repeat("_", 20)
	clip := mono(spelled(strings.Repeat(word, 140))) // 72.8 s
	got, err := openCTC(t, tinyCTC(), audio.TranscriberOptions{}).Run(t.Context(), clip)
	require.NoError(t, err)
	require.Len(t, got.Segments, 3)
	end := time.Duration(0)
	for _, part := range got.Segments {
		require.Equal(t, end, part.Start)
		require.LessOrEqual(t, part.End-part.Start, 30*time.Second)
		end = part.End
		cut := int(end.Seconds()*16000+0.5) % (320 * len(word)) // within a word and the gap behind it
		require.True(t, cut == 0 || cut > 320*6, "the cut is at %d", cut)
	}
	require.Equal(t, clip.Duration(), got.Segments[2].End)
}

func TestCTCFilesThatDoNotFit(t *testing.T) {
	tests := map[string]struct {
		name, data, text string
		cause            error
	}{
		"no vocabulary":         {"vocab.json", "", "vocab.json", quintet.ErrModel},
		"a token twice":         {"vocab.json", `{"a":0,"b":0}`, "for output 0", quintet.ErrModel},
		"a token beyond":        {"vocab.json", `{"a":0,"b":99}`, `vocab.json has "b" for output 99`, quintet.ErrModel},
		"another kind of model": {"config.json", `{"model_type":"wav2vec2","architectures":["Wav2Vec2Model"]}`, "neither Whisper nor", quintet.ErrModel},
		"no padding": {"config.json", `{"architectures":["XForCTC"],"vocab_size":10,"pad_token_id":null,"conv_stride":[-1]}`,
			"conv_stride is -1", quintet.ErrModel},
		"a padding beyond":  {"config.json", `{"architectures":["XForCTC"],"vocab_size":10,"pad_token_id":10}`, "padding", quintet.ErrModel},
		"a rate of nothing": {"preprocessor_config.json", `{}`, "sampling_rate is 0", quintet.ErrModel},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			files := tinyCTC()
			files[tt.name].Data = []byte(tt.data)
			model, err := optimize.ModelFS(files, "")
			require.NoError(t, err)
			_, err = audio.NewTranscriber(audio.TranscriberOptions{Model: model})
			require.ErrorIs(t, err, tt.cause)
			require.ErrorContains(t, err, tt.text)
		})
	}
	model, err := optimize.ModelFS(tinyCTC(), "")
	require.NoError(t, err)
	_, err = audio.NewTranscriber(audio.TranscriberOptions{Model: model, Translate: true})
	require.ErrorIs(t, err, quintet.ErrOption)

	files := tinyCTC()
	files["config.json"].Data = []byte(strings.Replace(string(files["config.json"].Data), `"vocab_size":10`, `"vocab_size":12`, 1))
	_, err = openCTC(t, files, audio.TranscriberOptions{}).Run(t.Context(), mono(spelled("HHHHHHHH")))
	require.ErrorIs(t, err, quintet.ErrModel)
}

// naiveCollapse is the rule in two steps: equal neighbours become one, then blanks go.
func naiveCollapse(best []int, tokens []string, blank, between int) string {
	var b strings.Builder
	for i, id := range best {
		switch {
		case i > 0 && best[i-1] == id || id == blank:
		case id == between:
			b.WriteByte(' ')
		default:
			b.WriteString(tokens[id])
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestCollapseAgreesWithTheNaiveOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	tokens := []string{"", "|", "a", "b", "c"}
	for range 500 {
		var frames [][]float32
		var best []int
		for range rng.IntN(30) {
			row := make([]float32, len(tokens))
			id := rng.IntN(len(tokens))
			for i := range row {
				row[i] = rng.Float32()
			}
			row[id] += 2
			frames, best = append(frames, row), append(best, id)
		}
		words, from, to := audio.Collapse(frames, tokens, 0, 1)
		require.Equal(t, naiveCollapse(best, tokens, 0, 1), strings.Join(words, " "))
		at := 0
		for i := range words {
			require.True(t, from[i] >= at && to[i] > from[i] && to[i] <= len(frames))
			at = to[i]
		}
	}
}

func TestNormalizeSamples(t *testing.T) {
	x := synth.Noise(1, 5000, 0.3)
	for i := range x {
		x[i] += 0.5
	}
	var sum, squares float64
	for _, v := range x {
		sum += float64(v)
	}
	mean := sum / float64(len(x))
	for _, v := range x {
		squares += (float64(v) - mean) * (float64(v) - mean)
	}
	want := slices.Clone(x)
	for i, v := range want {
		want[i] = float32((float64(v) - mean) / math.Sqrt(squares/float64(len(x))+1e-7))
	}
	audio.NormalizeSamples(x)
	require.Less(t, worst(want, x), 1e-6)
	silence := make([]float32, 10)
	audio.NormalizeSamples(silence)
	require.Equal(t, make([]float32, 10), silence)
	audio.NormalizeSamples(nil)
}

// FuzzCTCFiles holds that no file but a good one makes a transcriber, and that none ends
// the process.
func FuzzCTCFiles(f *testing.F) {
	whole := tinyCTC()
	f.Add("vocab.json", []byte(`{"<pad>":0," ":5,"":6}`))
	f.Add("tokenizer_config.json", []byte(`{"word_delimiter_token":null,"pad_token":{"content":"H"},"unk_token":3}`))
	f.Add("config.json", whole["config.json"].Data)
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		files := tinyCTC()
		if files[name] == nil || strings.HasSuffix(name, ".onnx") {
			return
		}
		files[name].Data = data
		model, err := optimize.ModelFS(files, "")
		if err != nil {
			t.Fatal(err)
		}
		tr, err := audio.NewTranscriber(audio.TranscriberOptions{Model: model, NoVoiceDetector: true, Words: true})
		if err == nil {
			_, err = tr.Run(t.Context(), mono(spelled("_HEL_LO|Y")))
			_ = tr.Close()
		}
		if err != nil && !knownCause(err) {
			t.Fatal(err)
		}
	})
}

// knownCause reports whether an error of opening or running a model says that the model is
// to blame.
func knownCause(err error) bool {
	return errors.Is(err, quintet.ErrModel) || errors.Is(err, quintet.ErrInput)
}
