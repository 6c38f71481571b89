package docs_test

import (
	"fmt"
	"iter"
	"os"
	"time"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/optimize"
)

func Example_audioLook() {
	file, err := os.Open("../examples/quickstart/samples/reading.wav")
	check(err)
	clip, info, err := audio.Decode(file, audio.DecodeOptions{})
	check(err)
	p, err := audio.New(audio.Options{Tasks: audio.TaskProperties | audio.TaskSpeech | audio.TaskLoudness})
	check(err)
	r, err := p.Run(ctx, clip)
	check(err)
	fmt.Println(info.Format, r.Properties.Duration.Round(time.Second), len(r.Speech))
	fmt.Printf("%.0f LUFS\n", r.Loudness.Integrated)
	check(p.Close())
	// Output:
	// wav 7s 1
	// -25 LUFS
}

func Example_audioResample() {
	clip := audio.Clip{Rate: 44100, Channels: 2, Samples: make([]float32, 2*44100)}
	speech, err := clip.Mono().Resample(16000)
	check(err)
	mel, err := dsp.MelSpectrogram(speech.Samples, dsp.WhisperLogMel(80))
	check(err)
	fmt.Println(mel.Frames, mel.Bins)
	// Output: 100 80
}

func Example_audioListen() {
	var microphone iter.Seq[audio.Clip]
	d, err := audio.NewVoiceDetector(audio.VoiceDetectorOptions{MinSilence: 400 * time.Millisecond})
	check(err)
	for e, err := range d.Listen(ctx, microphone) {
		check(err)
		if e.Ended {
			fmt.Println(e.Start, e.End, e.Score)
		}
	}
}

func Example_audioTranscribe() {
	var clip audio.Clip
	m, err := optimize.OpenModel("models/whisper-tiny")
	check(err)
	t, err := audio.NewTranscriber(audio.TranscriberOptions{Model: m, Language: "en", Words: true})
	check(err)
	said, err := t.Run(ctx, clip)
	check(err)
	check(said.WriteSRT(os.Stdout))
}

func Example_audioEdit() {
	clip := audio.Clip{Rate: 8000, Channels: 1, Samples: make([]float32, 8000)}
	for i := range clip.Samples {
		clip.Samples[i] = float32(i%80)/400 - 0.05
	}
	faults, err := audio.Faults(clip) // clipping, or an offset
	check(err)
	fmt.Println(len(faults))
	even, gain, err := clip.Normalize(audio.NormalizeOptions{})
	check(err)
	fmt.Println(even.Duration(), gain > 0)
	// Output:
	// 1
	// 1s true
}
