package text_test

import (
	"context"
	"fmt"
	"log"

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
