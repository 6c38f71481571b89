package audio_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"os"

	"github.com/quintet-ai/quintet/audio"
)

func ExampleDecode() {
	file, err := os.Open("testdata/wav/pcm24.wav")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	clip, info, err := audio.Decode(file, audio.DecodeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Format, info.Encoding, clip.Rate, clip.Channels, clip.Duration())
	// Output: wav pcm24 8000 2 13ms
}

// a440 is a second of the tone that orchestras tune to, at half scale.
func a440() audio.Clip {
	clip := audio.Clip{ID: "a440", Rate: 44100, Channels: 1}
	for i := range clip.Rate {
		v := math.Sin(2 * math.Pi * 440 * float64(i) / float64(clip.Rate))
		clip.Samples = append(clip.Samples, float32(v/2))
	}
	return clip
}

func ExamplePipeline_Run() {
	p, err := audio.New(audio.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()

	r, err := p.Run(context.Background(), a440())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %v at %.1f dBFS\n", r.ID, r.Properties.Duration, r.Properties.RMSDBFS)
	fmt.Println(r.Mel.Frames, "frames of", r.Mel.Bins, "mel bands")
	// Output:
	// a440: 1s at -9.0 dBFS
	// 100 frames of 80 mel bands
}

func ExampleClip_Resample() {
	speech, err := a440().Resample(16000)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(speech.Frames(), speech.Duration())
	// Output: 16000 1s
}
