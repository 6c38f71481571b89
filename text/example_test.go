package text_test

import (
	"context"
	"fmt"
	"log"

	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/optimize/onnx"
	"github.com/quintet-ai/quintet/text"
)

func ExamplePipeline_Run() {
	ctx, body := context.Background(), "Dr. Wu dives at coral reefs. No coral reefs, no fish."

	p, err := text.New(text.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	r, err := p.Run(ctx, text.Document{ID: "1", Body: body})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Sentences[0].Of(body), r.Stats.Words, r.Keywords[0].Term)
	// Output: Dr. Wu dives at coral reefs. 11 coral reefs
}

func ExampleEmbedder_Run() {
	ctx := context.Background()

	e, err := text.NewEmbedder(text.EmbedderOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	v, err := e.Run(ctx, "A man is playing the guitar.")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(v))
	// Output: 384
}

func ExampleTokens() {
	body := "Ask @ada or ada@example.org about #tides 🦀"
	for _, t := range text.Tokens(body) {
		fmt.Println(t.Kind, t.Of(body))
	}
	// Output:
	// word Ask
	// mention @ada
	// word or
	// email ada@example.org
	// word about
	// hashtag #tides
	// emoji 🦀
}

func ExampleTokenizer() {
	file := []byte(`{
		"version": "1.0",
		"added_tokens": [{"id": 1, "content": "[CLS]", "special": true}, {"id": 2, "content": "[SEP]", "special": true}],
		"normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true},
		"pre_tokenizer": {"type": "BertPreTokenizer"},
		"post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 1], "sep": ["[SEP]", 2]},
		"decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
		"model": {
			"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
			"vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "tide": 3, "##s": 4, "rise": 5}
		}
	}`)
	t, err := text.NewTokenizer(file, text.TokenizerOptions{}) // or OpenTokenizer, of a model
	if err != nil {
		log.Fatal(err)
	}
	body := "Tides rise"
	e, err := t.Encode(body)
	if err != nil {
		log.Fatal(err)
	}
	for i, id := range e.IDs {
		token, _ := t.TokenOf(id)
		fmt.Printf("%d %s %q\n", id, token, e.Spans[i].Of(body))
	}
	fmt.Println(t.Decode(e.IDs, true))
	// Output:
	// 1 [CLS] ""
	// 3 tide "Tide"
	// 4 ##s "s"
	// 5 rise "rise"
	// 2 [SEP] ""
	// tides rise
}

// It needs the ONNX Runtime library and a model, so it is compiled and not run.
func ExampleAnswerer() {
	ctx := context.Background()
	m, err := optimize.OpenModel("models/squad2") // model.onnx, tokenizer.json, config.json
	if err != nil {
		log.Fatal(err)
	}
	backend, err := onnx.New(onnx.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Close()
	rt, err := optimize.New(optimize.Options{Backend: backend})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	a, err := text.NewAnswerer(text.AnswererOptions{Model: m, Runtime: rt, NoAnswer: true})
	if err != nil {
		log.Fatal(err)
	}
	defer a.Close()

	body := "The count of starfish began in 2019 and goes on every morning."
	answers, err := a.Run(ctx, text.Question{Question: "When did the count begin?", Context: body})
	if err != nil {
		log.Fatal(err)
	}
	if best := answers[0]; best.Text == "" {
		fmt.Println("the text does not say")
	} else {
		fmt.Println(best.Text, best.Start, best.Score)
	}
}

// It needs the ONNX Runtime library and a model, so it is compiled and not run.
func ExampleZeroShot() {
	ctx := context.Background()
	m, err := optimize.OpenModel("models/nli") // model.onnx, tokenizer.json, config.json
	if err != nil {
		log.Fatal(err)
	}
	backend, err := onnx.New(onnx.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer backend.Close()
	rt, err := optimize.New(optimize.Options{Backend: backend})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	z, err := text.NewZeroShot(text.ZeroShotOptions{Model: m, Runtime: rt, Labels: []string{"nature", "sport", "money"}})
	if err != nil {
		log.Fatal(err)
	}
	defer z.Close()

	labels, err := z.Run(ctx, text.ZeroShotRequest{Text: "Last winter the urchins vanished."})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(labels[0].Label, labels[0].Score)
}
