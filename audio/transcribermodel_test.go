package audio_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
)

// tinyWhisper is a Whisper model in miniature. Its decoder looks up the logits of the
// next token by the last one, in a table for sound and one for silence, and adds a
// little of attention over earlier tokens and over the sound.
type tinyWhisper struct {
	seconds, positions int
	tokens             []string // of the vocabulary; times follow them
	ids                map[string]int
	loud, quiet        map[[2]int]float32 // logits, else 0
	attention          float32            // how much attention counts
	heard              map[int][2]int     // by token, from where to where the next one is said; nil for no such output
	generation         map[string]any
	more               []string // inputs of the decoder that it makes nothing of
}

const tinyMels, tinyWidth = 80, 8

var tinySpecials = []string{
	"<|endoftext|>", "<|startoftranscript|>", "<|de|>", "<|en|>", "<|zh|>", "<|translate|>", "<|transcribe|>",
	"<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
}

// newTinyWhisper returns a model of so many seconds that knows words; in these, blanks
// are written Ġ, as byte-level vocabularies do.
func newTinyWhisper(seconds int, words ...string) *tinyWhisper {
	m := &tinyWhisper{
		seconds: seconds, positions: 50 * seconds, ids: map[string]int{},
		loud: map[[2]int]float32{}, quiet: map[[2]int]float32{},
	}
	m.tokens = append(append([]string{"Ġ"}, words...), tinySpecials...)
	for i, token := range m.tokens {
		m.ids[token] = i
	}
	m.generation = map[string]any{
		"is_multilingual": true, "lang_to_id": map[string]int{"<|de|>": m.id("<|de|>"), "<|en|>": m.id("<|en|>"), "<|zh|>": m.id("<|zh|>")},
	}
	// By itself the model hears English, and nothing more.
	m.say("<|startoftranscript|>", "<|en|>")
	m.say("<|en|>", "<|transcribe|>")
	m.set(m.quiet, 12, "<|startoftranscript|>", "<|nospeech|>")
	return m
}

func (m *tinyWhisper) vocab() int { return len(m.tokens) + m.positions + 1 }

// id returns the id of a token; "<1.50>" is a time.
func (m *tinyWhisper) id(token string) int {
	var at float64
	if _, err := fmt.Sscanf(token, "<%f>", &at); err == nil {
		return len(m.tokens) + int(math.Round(at*50))
	}
	id, ok := m.ids[token]
	if !ok {
		panic("no token " + token)
	}
	return id
}

func (m *tinyWhisper) set(table map[[2]int]float32, logit float32, from, to string) {
	table[[2]int{m.id(from), m.id(to)}] = logit
}

// say makes each token follow the one before it.
func (m *tinyWhisper) say(chain ...string) *tinyWhisper {
	for i := range chain[1:] {
		m.set(m.loud, 10, chain[i], chain[i+1])
	}
	return m
}

func (m *tinyWhisper) dense(table map[[2]int]float32) []float32 {
	out := make([]float32, m.vocab()*m.vocab())
	for at, v := range table {
		out[at[0]*m.vocab()+at[1]] = v
	}
	return out
}

func toJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func (m *tinyWhisper) tokenizer() []byte {
	vocab, added := map[string]int{}, []any{}
	for i, token := range m.tokens {
		if strings.HasPrefix(token, "<|") {
			added = append(added, map[string]any{"id": i, "content": token, "special": true, "single_word": false,
				"lstrip": false, "rstrip": false, "normalized": false})
			continue
		}
		vocab[token] = i
	}
	level := map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}
	return toJSON(map[string]any{
		"version": "1.0", "added_tokens": added, "pre_tokenizer": level, "decoder": level,
		"model": map[string]any{"type": "BPE", "vocab": vocab, "merges": []string{}, "ignore_merges": true},
	})
}

// files returns the directory of the model, with the decoder in one of three forms.
func (m *tinyWhisper) files(form string) fstest.MapFS {
	config := map[string]any{
		"model_type": "whisper", "vocab_size": m.vocab(), "max_source_positions": m.positions, "max_target_positions": 60,
		"decoder_layers": 1, "decoder_attention_heads": 1, "d_model": tinyWidth,
		"decoder_start_token_id": m.id("<|startoftranscript|>"), "eos_token_id": m.id("<|endoftext|>"),
	}
	sound := map[string]any{"sampling_rate": 16000, "feature_size": tinyMels, "hop_length": 160, "n_fft": 400,
		"chunk_length": m.seconds}
	files := fstest.MapFS{}
	put := func(name string, data []byte) { files[name] = &fstest.MapFile{Data: data} }
	put("config.json", toJSON(config))
	put("preprocessor_config.json", toJSON(sound))
	put("generation_config.json", toJSON(m.generation))
	put("tokenizer.json", m.tokenizer())
	put("encoder_model.onnx", m.encoder().Append(nil))
	switch form {
	case "alone":
		put("decoder_model.onnx", m.decoder(false).Append(nil))
	case "split":
		put("decoder_model.onnx", m.decoder(false).Append(nil))
		put("decoder_with_past_model.onnx", m.decoder(true).Append(nil))
	case "merged":
		put("decoder_model_merged.onnx", m.merged().Append(nil))
	}
	return files
}

func (m *tinyWhisper) encoder() *onnxpb.Model {
	b := onnxpb.NewBuilder("encoder")
	x := b.Input("input_features", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FixedDim(tinyMels), onnxpb.FreeDim("frames"))
	y := b.OpWith("Transpose", []onnxpb.Attribute{onnxpb.IntsAttr("perm", 0, 2, 1)}, x)
	ints := func(v int64) string { return b.Weight(onnxpb.NewTensor("", []int64{v}, 1)) }
	y = b.Op("Slice", y, ints(0), ints(math.MaxInt32), ints(1), ints(2)) // every other frame
	b.Rename(y, "last_hidden_state")
	b.Output("last_hidden_state", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FreeDim("positions"), onnxpb.FixedDim(tinyMels))
	return b.Model(17)
}

// Names of the caches, without their prefixes.
var tinyCaches = []string{"0.decoder.key", "0.decoder.value", "0.encoder.key", "0.encoder.value"}

func cacheDims() []onnxpb.Dim {
	return []onnxpb.Dim{onnxpb.FreeDim("batch"), onnxpb.FixedDim(1), onnxpb.FreeDim("length"), onnxpb.FixedDim(tinyWidth)}
}

func declareInputs(b *onnxpb.Builder, past bool, more []string) {
	b.Input("input_ids", onnxpb.Int64, onnxpb.FreeDim("batch"), onnxpb.FreeDim("new"))
	b.Input("encoder_hidden_states", onnxpb.Float, onnxpb.FreeDim("batch"), onnxpb.FreeDim("positions"), onnxpb.FixedDim(tinyMels))
	for _, name := range more {
		dims := []onnxpb.Dim{onnxpb.FreeDim("batch"), onnxpb.FreeDim("any")}
		b.Input(name, onnxpb.Int64, dims[min(strings.Count(name, "cache"), 1):]...)
	}
	if past {
		for _, name := range tinyCaches {
			b.Input("past_key_values."+name, onnxpb.Float, cacheDims()...)
		}
	}
}

// decoder returns the graph for first tokens, or for those behind earlier ones.
func (m *tinyWhisper) decoder(past bool) *onnxpb.Model {
	b := onnxpb.NewBuilder("decoder")
	declareInputs(b, past, m.more)
	outputs := m.body(b, past, "")
	m.declareOutputs(b, outputs)
	return b.Model(17)
}

// merged returns a graph with a branch for either.
func (m *tinyWhisper) merged() *onnxpb.Model {
	b := onnxpb.NewBuilder("merged")
	declareInputs(b, true, m.more)
	branch := b.Input("use_cache_branch", onnxpb.Bool, onnxpb.FixedDim(1))
	node := onnxpb.NewNode("If", []string{branch}, nil)
	for name, past := range map[string]bool{"then_branch": true, "else_branch": false} {
		inner := onnxpb.NewBuilder(name)
		outputs := m.body(inner, past, name+".")
		if past { // as exporters do, whose branch gives the encoder's caches empty
			for _, kind := range []string{"encoder.key", "encoder.value"} {
				empty := inner.Op("Identity", inner.Weight(onnxpb.NewTensor("", []float32{}, 0, 1, 1, tinyWidth)))
				inner.Rename(empty, name+".present.0."+kind)
				outputs = append(outputs, "present.0."+kind)
			}
		}
		for _, out := range m.order(outputs) {
			inner.Output(name+"."+out, onnxpb.Float)
		}
		node.Attributes = append(node.Attributes, onnxpb.GraphAttr(name, inner.Graph()))
		node.Outputs = m.order(outputs)
	}
	b.Add(node)
	m.declareOutputs(b, node.Outputs)
	return b.Model(17)
}

// order puts logits first and the rest in the order that both branches have.
func (m *tinyWhisper) order(outputs []string) (out []string) {
	all := []string{"logits"}
	for _, name := range tinyCaches {
		all = append(all, "present."+name)
	}
	for _, name := range append(all, "cross_attentions.0") {
		for _, have := range outputs {
			if have == name {
				out = append(out, name)
			}
		}
	}
	return out
}

func (m *tinyWhisper) declareOutputs(b *onnxpb.Builder, outputs []string) {
	for _, name := range m.order(outputs) {
		dims := cacheDims()
		switch name {
		case "logits":
			dims = []onnxpb.Dim{onnxpb.FreeDim("batch"), onnxpb.FreeDim("new"), onnxpb.FixedDim(int64(m.vocab()))}
		case "cross_attentions.0":
			dims = []onnxpb.Dim{onnxpb.FreeDim("batch"), onnxpb.FixedDim(1), onnxpb.FreeDim("new"), onnxpb.FreeDim("positions")}
		}
		b.Output(name, onnxpb.Float, dims...)
	}
}

// body computes the outputs, whose names it returns without the prefix.
func (m *tinyWhisper) body(b *onnxpb.Builder, past bool, prefix string) (outputs []string) {
	rng := rand.New(rand.NewPCG(7, 7))
	normal := func(deviation float64, dims ...int64) string {
		n := int64(1)
		for _, d := range dims {
			n *= d
		}
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(deviation * rng.NormFloat64())
		}
		return b.Weight(onnxpb.NewTensor("", v, dims...))
	}
	ints := func(v ...int64) string { return b.Weight(onnxpb.NewTensor("", v, int64(len(v)))) }
	scalar := func(v float32) string { return b.Weight(onnxpb.NewTensor("", []float32{v})) }
	out := func(value, name string) string {
		b.Rename(value, prefix+name)
		outputs = append(outputs, name)
		return prefix + name
	}
	v := int64(m.vocab())
	x := b.Op("Gather", normal(1, v, tinyWidth), "input_ids")
	heads := func(y string) string { return b.Op("Unsqueeze", y, ints(1)) }
	queries := heads(b.Op("MatMul", x, normal(0.5, tinyWidth, tinyWidth)))
	wk, wv, ek, ev := normal(0.5, tinyWidth, tinyWidth), normal(1, tinyWidth, tinyWidth),
		normal(0.2, tinyMels, tinyWidth), normal(0.2, tinyMels, tinyWidth)
	cache := func(name, now string) string {
		if past {
			now = b.OpWith("Concat", []onnxpb.Attribute{onnxpb.IntAttr("axis", 2)}, "past_key_values."+name, now)
		} else {
			now = b.Op("Identity", now)
		}
		return out(now, "present."+name)
	}
	keys := cache("0.decoder.key", heads(b.Op("MatMul", x, wk)))
	values := cache("0.decoder.value", heads(b.Op("MatMul", x, wv)))
	crossKeys, crossValues := "past_key_values.0.encoder.key", "past_key_values.0.encoder.value"
	if !past {
		crossKeys = out(heads(b.Op("MatMul", "encoder_hidden_states", ek)), "present.0.encoder.key")
		crossValues = out(heads(b.Op("MatMul", "encoder_hidden_states", ev)), "present.0.encoder.value")
	}
	length := func(of string, axis int64) string {
		return b.Op("Gather", b.Op("Shape", of), b.Weight(onnxpb.NewTensor("", []int64{axis})))
	}
	zero, one := b.Weight(onnxpb.NewTensor("", []int64{0})), b.Weight(onnxpb.NewTensor("", []int64{1}))
	total := length(keys, 2)
	first := b.Op("Sub", total, length("input_ids", 1))
	later := b.Op("Greater", b.Op("Unsqueeze", b.Op("Range", zero, total, one), ints(0)),
		b.Op("Unsqueeze", b.Op("Range", first, total, one), ints(1)))
	mask := b.Op("Unsqueeze", b.Op("Where", later, scalar(-1e9), scalar(0)), ints(0, 1))
	attend := func(k, val, mask string) string {
		scores := b.Op("MatMul", queries, b.OpWith("Transpose", []onnxpb.Attribute{onnxpb.IntsAttr("perm", 0, 1, 3, 2)}, k))
		if mask != "" {
			scores = b.Op("Add", scores, mask)
		}
		y := b.Op("MatMul", b.OpWith("Softmax", []onnxpb.Attribute{onnxpb.IntAttr("axis", -1)}, scores), val)
		return b.Op("Squeeze", y, ints(1))
	}
	context := b.Op("Add", attend(keys, values, mask), attend(crossKeys, crossValues, ""))
	small := b.Op("Mul", b.Op("MatMul", context, normal(1, tinyWidth, v)), scalar(m.attention))
	table := func(t map[[2]int]float32) string {
		return b.Op("Gather", b.Weight(onnxpb.NewTensor("", m.dense(t), v, v)), "input_ids")
	}
	silent := b.Op("Less", b.OpWith("ReduceMean", []onnxpb.Attribute{onnxpb.IntAttr("keepdims", 0)}, "encoder_hidden_states"), scalar(-1.4))
	out(b.Op("Add", b.Op("Where", silent, table(m.quiet), table(m.loud)), small), "logits")
	if m.heard != nil {
		p := make([]float32, m.vocab()*m.positions)
		for id := range m.vocab() {
			for k := range m.positions {
				p[id*m.positions+k] = 0.001
				if k >= m.heard[id][0] && k < m.heard[id][1] {
					p[id*m.positions+k] = 0.1
				}
			}
		}
		out(heads(b.Op("Gather", b.Weight(onnxpb.NewTensor("", p, v, int64(m.positions))), "input_ids")), "cross_attentions.0")
	}
	return outputs
}

func (m *tinyWhisper) model(t testing.TB, form string) optimize.Model {
	t.Helper()
	model, err := optimize.ModelFS(m.files(form), "")
	require.NoError(t, err)
	return model
}

func newTranscriber(t testing.TB, o audio.TranscriberOptions) *audio.Transcriber {
	t.Helper()
	tr, err := audio.NewTranscriber(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, tr.Close()) })
	return tr
}
