package audio_test

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/optimize"
)

func TestNoModel(t *testing.T) {
	_, err := audio.NewTranscriber(audio.TranscriberOptions{})
	require.ErrorIs(t, err, quintet.ErrModel)
	for _, name := range []string{"config.json", "generation_config.json", "preprocessor_config.json", "tokenizer.json",
		"encoder_model.onnx", "decoder_model_merged.onnx", "vocab.json", "model.onnx"} {
		require.ErrorContains(t, err, name)
	}
}

func TestFilesThatDoNotFit(t *testing.T) {
	change := func(name, old, by string) func(fstest.MapFS) {
		return func(files fstest.MapFS) {
			data := string(files[name].Data)
			if !strings.Contains(data, old) {
				panic(name + " has no " + old)
			}
			files[name].Data = []byte(strings.Replace(data, old, by, 1))
		}
	}
	remove := func(name string) func(fstest.MapFS) { return func(files fstest.MapFS) { delete(files, name) } }
	tests := map[string]struct {
		change func(fstest.MapFS)
		text   string
	}{
		"no config.json":              {remove("config.json"), "config.json"},
		"no preprocessor_config.json": {remove("preprocessor_config.json"), "preprocessor_config.json"},
		"no tokenizer.json":           {remove("tokenizer.json"), "tokenizer.json"},
		"no decoder":                  {remove("decoder_model_merged.onnx"), "neither decoder_model_merged.onnx nor decoder_model.onnx"},
		"config.json is cut":          {change("config.json", "}", ""), "config.json"},
		"another kind of model":       {change("config.json", "whisper", "bert"), `of the type "bert"`},
		"a window of nothing":         {change("preprocessor_config.json", `"chunk_length":2`, `"chunk_length":0`), "chunk_length is 0"},
		"too many frames":             {change("preprocessor_config.json", `"hop_length":160`, `"hop_length":1`), "frames of a window"},
		"a window in no whole units":  {change("config.json", `"max_source_positions":100`, `"max_source_positions":101`), "no multiple"},
		"no end":                      {change("config.json", `"eos_token_id"`, `"eos"`), ""},
		"an end that is no token":     {change("config.json", `"eos_token_id":6`, `"eos_token_id":9999`), "id of <|endoftext|> is 9999"},
		"a language that is none":     {change("generation_config.json", "<|de|>", "de"), `lang_to_id has "de"`},
		"another vocabulary":          {change("config.json", `"vocab_size":117`, `"vocab_size":200`), ""},
		"an encoder that is cut": {func(files fstest.MapFS) {
			files["encoder_model.onnx"].Data = files["encoder_model.onnx"].Data[:90]
		}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			files := hello().files("merged")
			tt.change(files)
			model, err := optimize.ModelFS(files, "encoder_model.onnx")
			require.NoError(t, err)
			tr, err := audio.NewTranscriber(audio.TranscriberOptions{Model: model, NoVoiceDetector: true})
			if err == nil {
				_, err = tr.Run(t.Context(), tone2())
				require.NoError(t, tr.Close())
				if name == "no end" { // the tokenizer has it
					require.NoError(t, err)
					return
				}
			}
			require.Error(t, err)
			require.True(t, errors.Is(err, quintet.ErrModel) || errors.Is(err, quintet.ErrUnsupported), err)
			require.ErrorContains(t, err, tt.text)
		})
	}
}

func TestTranscriberOptionsThatMakeNoSense(t *testing.T) {
	model := hello().model(t, "merged")
	rt, err := optimize.New(optimize.Options{})
	require.NoError(t, err)
	tests := map[string]audio.TranscriberOptions{
		"Beams is 33":             {Beams: 33},
		"Beams is -1":             {Beams: -1},
		"BestOf is 100":           {BestOf: 100},
		"Patience is 0.5":         {Patience: 0.5},
		"17 Temperatures":         {Temperatures: make([]float64, 17)},
		"temperature NaN":         {Temperatures: []float64{math.NaN()}},
		"temperature -1":          {Temperatures: []float64{0, -1}},
		"MinLogProb is 1":         {MinLogProb: 1},
		"MinLogProb is NaN":       {MinLogProb: math.NaN()},
		"MaxCompression is -1":    {MaxCompression: -1},
		"NoSpeech is 1.5":         {NoSpeech: 1.5},
		"negative limit":          {PartialEvery: -1},
		"Voice.Runtime":           {Voice: audio.VoiceDetectorOptions{Runtime: rt}},
		"Pad is -1ns":             {Voice: audio.VoiceDetectorOptions{Pad: -1}},
		`none "xx"`:               {Language: "xx"},
		"MaxTokens is 31":         {MaxTokens: 31},
		"MaxSegment is 2s, must":  {Voice: audio.VoiceDetectorOptions{MinSpeech: 3 * time.Second}},
		"Threshold is 2, must be": {Voice: audio.VoiceDetectorOptions{Threshold: 2}},
	}
	for text, o := range tests {
		t.Run(text, func(t *testing.T) {
			o.Model = model
			_, err := audio.NewTranscriber(o)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.ErrorContains(t, err, text)
		})
	}
}

// FuzzTranscriberFiles holds that no file but a good one makes a transcriber, and that none
// ends the process.
func FuzzTranscriberFiles(f *testing.F) {
	whole := hello().files("merged")
	for _, name := range slices.Sorted(maps.Keys(whole)) {
		if !strings.HasSuffix(name, ".onnx") {
			f.Add(name, whole[name].Data)
		}
	}
	f.Add("preprocessor_config.json", []byte(`{"sampling_rate":16000,"feature_size":80,"hop_length":100,"n_fft":7,"chunk_length":2}`))
	f.Add("generation_config.json", []byte(`{"is_multilingual":true,"alignment_heads":[[0,0],[0,-1]],"max_initial_timestamp_index":-9}`))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		files := maps.Clone(whole)
		if files[name] == nil || strings.HasSuffix(name, ".onnx") {
			return
		}
		files[name] = &fstest.MapFile{Data: data}
		model, err := optimize.ModelFS(files, "")
		if err != nil {
			t.Fatal(err)
		}
		tr, err := audio.NewTranscriber(audio.TranscriberOptions{Model: model, NoVoiceDetector: true})
		if err == nil {
			_, err = tr.Run(t.Context(), mono(tone2().Samples[:8000]))
			_ = tr.Close()
		}
		if err != nil && !knownCause(err) {
			t.Fatal(err)
		}
	})
}
