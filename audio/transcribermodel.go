package audio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

var errNoTranscriber = fmt.Errorf("audio: no model, set TranscriberOptions.Model to a directory of a Whisper model "+
	"(config.json, generation_config.json, preprocessor_config.json, tokenizer.json, encoder_model.onnx and "+
	"decoder_model_merged.onnx) or of a CTC model (config.json, preprocessor_config.json, vocab.json, model.onnx): %w",
	quintet.ErrModel)

// modelConfig is what is read of config.json.
type modelConfig struct {
	ModelType     string   `json:"model_type"`
	Architectures []string `json:"architectures"`
	Vocab         int      `json:"vocab_size"`
	Pad           *int     `json:"pad_token_id"`

	// Whisper.
	Positions    int       `json:"max_source_positions"`
	Context      int       `json:"max_target_positions"`
	Layers       int       `json:"decoder_layers"`
	Heads        int       `json:"decoder_attention_heads"`
	Width        int       `json:"d_model"`
	MedianFilter *int      `json:"median_filter_width"`
	Start        *int      `json:"decoder_start_token_id"`
	End          tokenList `json:"eos_token_id"`
	Suppress     []int     `json:"suppress_tokens"`
	SuppressFrom []int     `json:"begin_suppress_tokens"`

	// CTC.
	Begin  *int  `json:"bos_token_id"`
	Stride []int `json:"conv_stride"`
}

// preprocessorConfig is what is read of preprocessor_config.json.
type preprocessorConfig struct {
	Rate      int   `json:"sampling_rate"`
	Mels      int   `json:"feature_size"`
	Hop       int   `json:"hop_length"`
	FFT       int   `json:"n_fft"`
	Chunk     int   `json:"chunk_length"` // seconds
	Normalize *bool `json:"do_normalize"`
}

// tokenList is a number or a list of numbers.
type tokenList []int

// UnmarshalJSON implements [json.Unmarshaler].
func (l *tokenList) UnmarshalJSON(b []byte) error {
	var one int
	if err := json.Unmarshal(b, &one); err == nil {
		*l = nil
		if string(b) != "null" {
			*l = tokenList{one}
		}
		return nil
	}
	return json.Unmarshal(b, (*[]int)(l))
}

// readJSON reads a file of the model into v.
func readJSON(m optimize.Model, name string, v any) error {
	data, err := m.File(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w: %w", name, err, quintet.ErrModel)
	}
	return nil
}

// readOptional is readJSON of a file that may be missing.
func readOptional(m optimize.Model, name string, v any) error {
	err := readJSON(m, name, v)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// openRecognizer loads the kind of model that the files are.
func openRecognizer(ctx context.Context, o TranscriberOptions) (recognizer, error) {
	if o.Model.IsZero() {
		return nil, errNoTranscriber
	}
	var config modelConfig
	var sound preprocessorConfig
	if err := readJSON(o.Model, "config.json", &config); err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	if err := readJSON(o.Model, "preprocessor_config.json", &sound); err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	forCTC := func(name string) bool { return strings.HasSuffix(name, "ForCTC") }
	var r recognizer
	var err error
	switch {
	case config.ModelType == "whisper":
		r, err = openWhisper(ctx, o, config, sound)
	case slices.ContainsFunc(config.Architectures, forCTC):
		r, err = openCTC(ctx, o, config, sound)
	default:
		err = fmt.Errorf("config.json is of the type %q for %q, neither Whisper nor a model for CTC: %w",
			config.ModelType, config.Architectures, quintet.ErrModel)
	}
	if err != nil {
		return nil, fmt.Errorf("audio: %w", err)
	}
	return r, nil
}

// graphName returns the name of the ONNX file that a model is.
func graphName(m optimize.Model) (name string, folder fs.FS, err error) {
	if path := m.Path(); path != "" {
		return filepath.Base(path), nil, nil
	}
	if folder, err = m.Folder(); err != nil {
		return "", nil, err
	}
	if folder == nil {
		return "", nil, fmt.Errorf("a model in memory has no other files: %w", quintet.ErrModel)
	}
	// Which of the files it is, the model does not say: the plain one.
	return "encoder_model.onnx", folder, nil
}

// sibling returns the model in another file of the same folder; a file that is not
// there is [fs.ErrNotExist].
func sibling(m optimize.Model, folder fs.FS, name string) (optimize.Model, error) {
	if folder != nil {
		return optimize.ModelFS(folder, name)
	}
	return optimize.OpenModel(filepath.Join(filepath.Dir(m.Path()), name))
}

// inputsOf returns one tensor for each input of a session, as make gives them.
func inputsOf(
	s optimize.Session, make func(optimize.TensorInfo) (optimize.Tensor, error),
) ([]optimize.Tensor, error) {
	var in []optimize.Tensor
	for _, info := range s.Inputs() {
		x, err := make(info)
		if err != nil {
			return nil, err
		}
		in = append(in, x)
	}
	return in, nil
}
