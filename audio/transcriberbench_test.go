package audio_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quintet-ai/quintet/audio"
)

// BenchmarkNextToken is what one token of a real vocabulary costs beside the model: its
// probability, and the choice.
func BenchmarkNextToken(b *testing.B) {
	const vocab = 51_865
	logits := make([]float32, vocab)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range logits {
		logits[i] = float32(4 * rng.NormFloat64())
	}
	naive := func(x []float32) float64 {
		var sum float64
		for _, v := range x {
			sum += math.Exp(float64(v))
		}
		return math.Log(sum)
	}
	for name, sum := range map[string]func([]float32) float64{"ours": audio.LogSumExp, "naive": naive} {
		b.Run("sum="+name, func(b *testing.B) {
			for b.Loop() {
				sum(logits)
			}
		})
	}
	for _, temperature := range []float64{0, 0.6} {
		b.Run(fmt.Sprintf("pick=%v", temperature), func(b *testing.B) {
			for b.Loop() {
				audio.Pick(logits, temperature, rng)
			}
		})
	}
}

// BenchmarkAlignment is the search for the times of the words of a full window.
func BenchmarkAlignment(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	m := make([][]float64, 200)
	for i := range m {
		m[i] = make([]float64, 1500)
		for k := range m[i] {
			m[i][k] = rng.NormFloat64()
		}
	}
	b.ResetTimer()
	for b.Loop() {
		audio.PathStarts(m)
	}
}
