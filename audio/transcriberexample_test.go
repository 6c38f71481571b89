package audio_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"os"
	"strings"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/optimize"
)

// Without a model there is no text, but a word on what to supply.
func ExampleNewTranscriber() {
	_, err := audio.NewTranscriber(audio.TranscriberOptions{})
	before, _, _ := strings.Cut(err.Error(), " (")
	fmt.Println(before)
	// Output: audio: no model, set TranscriberOptions.Model to a directory of a Whisper model
}

// The model here is a toy that always says the same. A real one is opened by
// optimize.OpenModel("whisper-base").
func ExampleTranscriber_Run() {
	model, err := optimize.ModelFS(hello().files("merged"), "")
	if err != nil {
		log.Fatal(err)
	}
	t, err := audio.NewTranscriber(audio.TranscriberOptions{
		Model:           model,
		Beams:           5,
		NoVoiceDetector: true, // a tone is no speech
	})
	if err != nil {
		log.Fatal(err)
	}
	defer t.Close()

	said, err := t.Run(context.Background(), tone2())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(said.Language, said.Text())
	if err := said.WriteSRT(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// en Hello world. Bye!
	// 1
	// 00:00:00,100 --> 00:00:00,800
	// Hello world.
	//
	// 2
	// 00:00:00,900 --> 00:00:01,600
	// Bye!
}

// A draft may change until the speech has ended.
func ExampleTranscriber_Listen() {
	model, err := optimize.ModelFS(sentence().files("merged"), "")
	if err != nil {
		log.Fatal(err)
	}
	t, err := audio.NewTranscriber(audio.TranscriberOptions{Model: model})
	if err != nil {
		log.Fatal(err)
	}
	defer t.Close()
	clip, err := openReading()
	if err != nil {
		log.Fatal(err)
	}

	// A microphone would give such parts.
	parts := func(yield func(audio.Clip) bool) {
		for at := 0; at < len(clip.Samples); at += 1600 {
			part := clip
			part.Samples = clip.Samples[at:min(at+1600, len(clip.Samples))]
			if !yield(part) {
				return
			}
		}
	}
	drafts := 0
	for e, err := range t.Listen(context.Background(), parts) {
		if err != nil {
			log.Fatal(err)
		}
		if !e.Final {
			drafts++
			continue
		}
		fmt.Printf("%.0f s: %s\n", math.Floor(e.Start.Seconds()), e.Text)
	}
	fmt.Println(drafts > 0)
	// Output:
	// 0 s: Hello world.
	// true
}
