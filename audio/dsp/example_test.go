package dsp_test

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quintet-ai/quintet/audio/dsp"
)

func ExampleMelSpectrogram() {
	second := make([]float32, 16000)
	for i := range second {
		second[i] = float32(math.Sin(2 * math.Pi * 440 * float64(i) / 16000))
	}
	s, err := dsp.MelSpectrogram(second, dsp.WhisperLogMel(80))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Frames, "frames of", s.Bins, "bands, one every", s.Hop)
	// Output: 100 frames of 80 bands, one every 10ms
}

func ExampleRMS() {
	x := []float32{0.5, -0.5, 0.5, -0.5}
	fmt.Printf("%.1f dBFS\n", dsp.DBFS(dsp.RMS(x)))
	// Output: -6.0 dBFS
}

// A stream takes noise away from sound that comes in blocks, such as that of a microphone.
func ExampleDenoiserStream() {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]float32, 4096) // a recording of the room
	for i := range noise {
		noise[i] = 0.01 * (2*random.Float32() - 1)
	}
	s, err := dsp.NewDenoiserStream(dsp.DenoiserOptions{FFTSize: 256}, noise)
	if err != nil {
		fmt.Println(err)
		return
	}
	var clean []float32
	for block := range slices.Chunk(noise, 160) { // nobody speaks
		clean = s.Add(clean, block)
	}
	clean = s.End(clean)
	fmt.Println(len(clean), dsp.RMS(clean) < 0.5*dsp.RMS(noise))
	// Output: 4096 true
}
