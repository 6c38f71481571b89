package audio_test

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
)

// voiceOptions are those of a model whose embedding is the mean of 8 mel bands, which tells
// a low voice from a high one.
func voiceOptions() audio.SpeakerEmbedderOptions {
	in := audio.ModelInput{Mel: smallMel()}
	in.Mel.Log = 0
	return audio.SpeakerEmbedderOptions{
		Model: meanModel(1, onnxpb.FixedDim(1), onnxpb.FreeDim("frames"), onnxpb.FixedDim(8)), Input: in,
	}
}

func newSpeakerEmbedder(t testing.TB) *audio.SpeakerEmbedder {
	t.Helper()
	e, err := audio.NewSpeakerEmbedder(voiceOptions())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

func TestEmbeddingsOfAVoiceAreNear(t *testing.T) {
	e := newSpeakerEmbedder(t)
	low, high := mono(synth.Tone(16000, 16000, 300, 0.5)), mono(synth.Tone(16000, 24000, 3000, 0.1))
	got, err := e.RunBatch(t.Context(), []audio.Clip{low, high, low.Slice(0, 12*time.Second/10), mono(synth.Tone(16000, 160000*2, 300, 0.2))})
	require.NoError(t, err)
	cosine := func(a, b []float32) (sum float64) {
		for i, v := range a {
			sum += float64(v * b[i])
		}
		return sum
	}
	for _, v := range got {
		require.InDelta(t, 1, cosine(v, v), 1e-5)
	}
	require.Less(t, cosine(got[0], got[1]), 0.1)
	require.Greater(t, cosine(got[0], got[2]), 0.99)
	require.Greater(t, cosine(got[0], got[3]), 0.99, "louder or longer is the same voice")
}

func TestSpeakerEmbedderContract(t *testing.T) {
	c := pipetest.Case[audio.Clip, []float32]{
		Name: "audio.SpeakerEmbedder",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[audio.Clip, []float32] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			options := voiceOptions()
			options.Runtime = rt
			e, err := audio.NewSpeakerEmbedder(options)
			require.NoError(t, err)
			return e
		},
		Good: []audio.Clip{mono(synth.Tone(16000, 1600, 440, 0.5)), {Rate: 8000, Channels: 2, Samples: synth.Noise(1, 800, 1)}},
		Bad:  []audio.Clip{{Rate: 8000, Channels: 1}},
	}
	for _, clip := range invalidClips() {
		c.Bad = append(c.Bad, clip)
	}
	pipetest.Contract(t, c)
}

func TestSilenceHasNoVoice(t *testing.T) {
	_, err := newSpeakerEmbedder(t).Run(t.Context(), constant(0, 1))
	require.ErrorIs(t, err, quintet.ErrModel)
	require.ErrorContains(t, err, "a vector of length 0")
}

// A talk of a low and a high voice, where the second segment has both.
func TestDiarize(t *testing.T) {
	low, high := synth.Tone(16000, 3*16000, 300, 0.5), synth.Tone(16000, 3*16000, 3000, 0.5)
	clip := mono(slices.Concat(high, make([]float32, 16000), low, high, low[:8000]))
	s := time.Second
	speech := []audio.Segment{{Start: 0, End: 3 * s, Score: 0.9}, {Start: 4 * s, End: 10 * s, Score: 0.8}, {Start: 10 * s, End: 10*s + s/2, Score: 0.7}}
	turn := func(from, to time.Duration, score float64, speaker int) audio.Turn {
		return audio.Turn{Segment: audio.Segment{Start: from, End: to, Score: score}, Speaker: speaker}
	}
	e := newSpeakerEmbedder(t)
	want := []audio.Turn{turn(0, 3*s, 0.9, 0), turn(4*s, 7*s, 0.8, 1), turn(7*s, 10*s, 0.8, 0), turn(10*s, 10*s+s/2, 0.7, 1)}
	for name, o := range map[string]audio.DiarizeOptions{
		"by default":   {},
		"two are told": {Clusters: audio.SpeakerClusterOptions{Speakers: 2, Threshold: 1}},
		"at most two":  {Window: s, Clusters: audio.SpeakerClusterOptions{MaxSpeakers: 2, Threshold: 1}},
	} {
		got, err := e.Diarize(t.Context(), clip, speech, o)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
	got, err := e.Diarize(t.Context(), clip, speech[:1], audio.DiarizeOptions{Clusters: audio.SpeakerClusterOptions{Speakers: 1}})
	require.NoError(t, err)
	require.Equal(t, want[:1], got)
	got, err = e.Diarize(t.Context(), clip, nil, audio.DiarizeOptions{})
	require.NoError(t, err)
	require.Empty(t, got)

	for name, bad := range map[string][]audio.Segment{
		"backwards": {{Start: s, End: 0}}, "empty": {{Start: s, End: s}}, "beyond": {{Start: 0, End: time.Hour}},
		"before": {{Start: -1, End: s}}, "out of order": {speech[1], speech[0]},
	} {
		_, err := e.Diarize(t.Context(), clip, bad, audio.DiarizeOptions{})
		require.ErrorIs(t, err, quintet.ErrInput, name)
		require.ErrorContains(t, err, "audio.SpeakerEmbedder.Diarize: segment ", name)
	}
	_, err = e.Diarize(t.Context(), clip, speech, audio.DiarizeOptions{Window: 1})
	require.ErrorIs(t, err, quintet.ErrOption)
}

// slowClusters joins the two groups with the largest mean cosine until it is below the
// threshold or there are few enough.
func slowClusters(x [][]float32, threshold float64, speakers int) []int {
	var groups [][]int
	for i := range x {
		groups = append(groups, []int{i})
	}
	mean := func(a, b []int) (sum float64) {
		for _, i := range a {
			for _, j := range b {
				for k := range x[i] {
					sum += float64(x[i][k]) * float64(x[j][k]) / float64(len(a)*len(b))
				}
			}
		}
		return sum
	}
	for len(groups) > max(speakers, 1) {
		best, a, b := math.Inf(-1), 0, 0
		for i := range groups {
			for j := range i {
				if m := mean(groups[i], groups[j]); m > best {
					best, a, b = m, j, i
				}
			}
		}
		if speakers == 0 && best < threshold {
			break
		}
		groups[a] = append(groups[a], groups[b]...)
		groups = slices.Delete(groups, b, b+1)
	}
	slices.SortFunc(groups, func(a, b []int) int { return cmp.Compare(slices.Min(a), slices.Min(b)) })
	out := make([]int, len(x))
	for speaker, g := range groups {
		for _, i := range g {
			out[i] = speaker
		}
	}
	return out
}

func voices(seed uint64, n, speakers int) (x [][]float32) {
	rng := synth.Rand(seed)
	centres := make([][]float64, speakers)
	for i := range centres {
		for range 8 {
			centres[i] = append(centres[i], rng.NormFloat64())
		}
	}
	for range n {
		c, v, length := centres[rng.IntN(speakers)], make([]float32, 8), 0.0
		for k := range v {
			v[k] = float32(c[k] + 0.7*rng.NormFloat64())
			length += float64(v[k]) * float64(v[k])
		}
		for k := range v {
			v[k] /= float32(math.Sqrt(length))
		}
		x = append(x, v)
	}
	return x
}

func TestClustersAreThoseOfTheSlowWay(t *testing.T) {
	for seed := range uint64(20) {
		x := voices(seed, 1+int(seed)*2, 1+int(seed)%5)
		for _, threshold := range []float64{-1, 0.2, 0.5, 0.8, 1} {
			got, err := audio.ClusterSpeakers(x, audio.SpeakerClusterOptions{Threshold: threshold})
			require.NoError(t, err)
			require.Equal(t, slowClusters(x, threshold, 0), got, "seed %d, threshold %v", seed, threshold)
		}
		got, err := audio.ClusterSpeakers(x, audio.SpeakerClusterOptions{Speakers: 3})
		require.NoError(t, err)
		require.Equal(t, slowClusters(x, 0, 3), got, seed)
	}
}

func TestClustersOfBadInput(t *testing.T) {
	got, err := audio.ClusterSpeakers(nil, audio.SpeakerClusterOptions{})
	require.NoError(t, err)
	require.Empty(t, got)
	for name, x := range map[string][][]float32{
		"too long": {{1, 1}}, "not a number": {{float32(math.NaN())}}, "two sizes": {{1}, {0, 1}}, "too many": make([][]float32, 8193),
	} {
		_, err := audio.ClusterSpeakers(x, audio.SpeakerClusterOptions{})
		require.ErrorIs(t, err, quintet.ErrInput, name)
	}
	for _, o := range []audio.SpeakerClusterOptions{{Speakers: -1}, {MaxSpeakers: -1}, {Threshold: 2}, {Threshold: math.NaN()}} {
		_, err := audio.ClusterSpeakers(nil, o)
		require.ErrorIs(t, err, quintet.ErrOption)
	}
}

func BenchmarkClusterSpeakers(b *testing.B) {
	x := voices(1, 1000, 4)
	for b.Loop() {
		_, err := audio.ClusterSpeakers(x, audio.SpeakerClusterOptions{})
		require.NoError(b, err)
	}
}
