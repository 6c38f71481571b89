package perceptron_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/perceptron"
	"github.com/quintet-ai/quintet/internal/synth"
)

// example is a set of features whose label is a sum of them.
type example struct {
	features []uint32
	label    int
}

// examples are separable: a label has three features of its own among noise.
func examples(n, labels int) (out []example) {
	rng := synth.Rand(7)
	for range n {
		label := rng.IntN(labels)
		x := example{label: label}
		for k := range 3 {
			x.features = append(x.features, perceptron.Mix(uint32(k)<<24, uint32(label*2+rng.IntN(2))))
		}
		for range 4 {
			x.features = append(x.features, perceptron.Mix(9<<24, uint32(rng.IntN(50))))
		}
		out = append(out, x)
	}
	return out
}

func train(all []example, labels int) []byte {
	t := perceptron.NewTrainer(labels, 1)
	scores := make([]int32, labels)
	for range 5 {
		for _, x := range all {
			t.Scores(scores, x.features)
			best := 0
			for i, v := range scores {
				if v > scores[best] {
					best = i
				}
			}
			t.Step()
			if best != x.label {
				t.Update(x.features, x.label, 1)
				t.Update(x.features, best, -1)
			}
		}
	}
	return t.Pack(8, 1)
}

func argmax(x []int32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

func TestATrainedModelKnowsWhatItWasTaught(t *testing.T) {
	for _, labels := range []int{2, 7, 49, 254} {
		all := examples(3000, labels)
		m, err := perceptron.Load(train(all, labels), labels)
		require.NoError(t, err)
		require.Equal(t, labels, m.Labels())
		var s perceptron.Scores
		hits := 0
		for _, x := range all {
			if argmax(m.Score(&s, x.features)) == x.label {
				hits++
			}
		}
		require.Greater(t, hits, 2900, "%d labels", labels)
	}
}

// TestTrainingGivesTheSameBytesEverywhere holds the sum of a small model. It has
// only whole numbers behind it.
func TestTrainingGivesTheSameBytesEverywhere(t *testing.T) {
	sum := fmt.Sprintf("%x", sha256.Sum256(train(examples(500, 9), 9)))
	require.Equal(t, "83a1fb10f7f59ea0e630cde9bbdca6d22a91a9ff781b7e3d4b037dec57e002fb", sum)
}

// TestScoreIsASum compares the lanes with the packed weights, read one by one, for
// more features than the lanes hold without a carry.
func TestScoreIsASum(t *testing.T) {
	const labels = 49
	tr := perceptron.NewTrainer(labels, 1)
	want := make([]int32, labels)
	var features []uint32
	rng := synth.Rand(3)
	tr.Step()
	for f := range uint32(700) {
		features = append(features, f*f+1)
		for label := range 1 + rng.IntN(labels) {
			w := int32(rng.IntN(255) - 127)
			tr.Update(features[f:], label, w)
			want[label] += w
		}
	}
	tr.Step()
	m, err := perceptron.Load(tr.Pack(2, 1), labels) // half of the steps have the weight
	require.NoError(t, err)
	var s perceptron.Scores
	require.Equal(t, want, m.Score(&s, features))
	require.Equal(t, 700, m.Features())
	require.Equal(t, make([]int32, labels), m.Score(&s, []uint32{3, 4}), "unknown features")
	require.Zero(t, testing.AllocsPerRun(10, func() { m.Score(&s, features) }))
}

func TestRareFeaturesAndSmallWeightsAreLeftOut(t *testing.T) {
	tr := perceptron.NewTrainer(3, 2)
	scores := make([]int32, 3)
	tr.Update([]uint32{1, 2}, 0, 5)
	tr.Update([]uint32{1}, 1, -5)
	tr.Scores(scores, []uint32{1, 2})
	require.Equal(t, []int32{5, -5, 0}, scores)
	tr.Step()
	m, err := perceptron.Load(tr.Pack(1, 1), 3)
	require.NoError(t, err)
	require.Equal(t, 1, m.Features())
	m, err = perceptron.Load(tr.Pack(1, 6), 3)
	require.NoError(t, err)
	require.Zero(t, m.Features())
}

func TestAFixedFeatureSpeaksForOneLabel(t *testing.T) {
	tr := perceptron.NewTrainer(5, 1)
	tr.Fix(77, 4)
	tr.Update([]uint32{78}, 1, 3)
	tr.Update([]uint32{78}, 2, 3)
	tr.Step()
	m, err := perceptron.Load(tr.Pack(1, 1), 5)
	require.NoError(t, err)
	label, ok := m.Only(77)
	require.True(t, ok)
	require.Equal(t, 4, label)
	_, ok = m.Only(78)
	require.False(t, ok)
	_, ok = m.Only(79)
	require.False(t, ok)
}

func TestLoadRefusesWhatIsNoModel(t *testing.T) {
	good := train(examples(200, 4), 4)
	_, err := perceptron.Load(good, 5)
	require.Error(t, err, "another number of labels")
	for n := range good {
		_, err := perceptron.Load(good[:n], 4)
		require.Error(t, err, "%d of %d bytes", n, len(good))
	}
	_, err = perceptron.Load(append(good, 0), 4)
	require.Error(t, err, "a byte more")
}

// FuzzLoad wants an error or a model that scores, whatever the bytes.
func FuzzLoad(f *testing.F) {
	f.Add(train(examples(50, 4), 4))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := perceptron.Load(data, 4)
		if err != nil {
			return
		}
		var s perceptron.Scores
		if got := m.Score(&s, []uint32{0, 1, 1 << 31}); len(got) != 4 {
			t.Fatalf("%d scores", len(got))
		}
	})
}

func BenchmarkScore(b *testing.B) {
	all := examples(3000, 49)
	m, err := perceptron.Load(train(all, 49), 49)
	require.NoError(b, err)
	var s perceptron.Scores
	for b.Loop() {
		m.Score(&s, all[0].features)
	}
}
