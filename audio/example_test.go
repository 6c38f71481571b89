package audio_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"slices"
	"time"

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

// A Reader gives a long file piece by piece, in little memory.
func ExampleReader() {
	file, err := os.Open("testdata/coded/stereo.ogg")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	r, err := audio.NewReader(file, audio.DecodeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	var frames int
	for buf := make([]float32, 1024); ; {
		n, err := r.Read(buf)
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		frames += n / r.Channels()
	}
	fmt.Println(r.Info().Format, r.Rate(), frames)
	// Output: ogg vorbis 44100 3528
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

// openReading decodes seven seconds of a novel read aloud.
func openReading() (audio.Clip, error) {
	file, err := os.Open("../examples/quickstart/samples/reading.wav")
	if err != nil {
		return audio.Clip{}, err
	}
	defer file.Close()
	clip, _, err := audio.Decode(file, audio.DecodeOptions{})
	return clip, err
}

func ExampleVoiceDetector_Run() {
	clip, err := openReading()
	if err != nil {
		log.Fatal(err)
	}
	d, err := audio.NewVoiceDetector(audio.VoiceDetectorOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer d.Close()

	segments, err := d.Run(context.Background(), clip)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range segments {
		fmt.Printf("%.1f s to %.1f s\n", s.Start.Seconds(), s.End.Seconds())
	}
	// Output: 0.3 s to 6.9 s
}

func ExampleVoiceDetector_Listen() {
	clip, err := openReading()
	if err != nil {
		log.Fatal(err)
	}
	d, err := audio.NewVoiceDetector(audio.VoiceDetectorOptions{MaxSegment: 3 * time.Second})
	if err != nil {
		log.Fatal(err)
	}
	defer d.Close()

	// A microphone would give such parts, of 20 ms each.
	parts := func(yield func(audio.Clip) bool) {
		for x := range slices.Chunk(clip.Samples, clip.Rate/50) {
			if !yield(audio.Clip{Rate: clip.Rate, Channels: 1, Samples: x}) {
				return
			}
		}
	}
	for e, err := range d.Listen(context.Background(), parts) {
		switch {
		case err != nil:
			log.Fatal(err)
		case e.Ended:
			fmt.Printf("end   %.1f s\n", e.End.Seconds())
		default:
			fmt.Printf("begin %.1f s\n", e.Start.Seconds())
		}
	}
	// Output:
	// begin 0.3 s
	// end   3.3 s
	// begin 3.3 s
	// end   6.2 s
	// begin 6.2 s
	// end   6.9 s
}

func ExampleClip_Resample() {
	speech, err := a440().Resample(16000)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(speech.Frames(), speech.Duration())
	// Output: 16000 1s
}
