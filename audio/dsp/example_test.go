package dsp_test

import (
	"fmt"
	"log"
	"math"

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
