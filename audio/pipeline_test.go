package audio_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/dsp"
	"github.com/quintet-ai/quintet/internal/golden"
	"github.com/quintet-ai/quintet/internal/pipetest"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
)

func newPipeline(t testing.TB, o audio.Options) *audio.Pipeline {
	t.Helper()
	p, err := audio.New(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

func invalidClips() map[string]audio.Clip {
	return map[string]audio.Clip{
		"no rate":           {Channels: 1, Samples: []float32{0}},
		"negative rate":     {Rate: -8000, Channels: 1},
		"a rate of 1 GHz":   {Rate: 1e9, Channels: 1},
		"no channel":        {Rate: 8000, Samples: []float32{0}},
		"negative channels": {Rate: 8000, Channels: -1},
		"half a frame":      {Rate: 8000, Channels: 2, Samples: []float32{0, 0, 0}},
		"not a number":      {Rate: 8000, Channels: 1, Samples: []float32{0, float32(math.NaN())}},
		"infinite":          {Rate: 8000, Channels: 1, Samples: []float32{float32(math.Inf(1))}},
		"a rate of 1 Hz":    {Rate: 1, Channels: 1, Samples: []float32{0}}, // too low for the mel spectrogram
	}
}

func TestContract(t *testing.T) {
	c := pipetest.Case[audio.Clip, audio.Result]{
		Name: "audio",
		New: func(t *testing.T, o quintet.Observer) quintet.Pipeline[audio.Clip, audio.Result] {
			rt, err := optimize.New(optimize.Options{Workers: 2, Observer: o})
			require.NoError(t, err)
			p, err := audio.New(audio.Options{Runtime: rt})
			require.NoError(t, err)
			return p
		},
		Good: []audio.Clip{
			{ID: "tone", Rate: 16000, Channels: 1, Samples: synth.Tone(16000, 1600, 440, 0.5)},
			{ID: "noise", Rate: 44100, Channels: 2, Samples: synth.Noise(1, 4000, 0.5)},
			{ID: "nothing", Rate: 8000, Channels: 1},
			{ID: "one sample", Rate: 8000, Channels: 1, Samples: []float32{1}},
		},
	}
	for _, clip := range invalidClips() {
		c.Bad = append(c.Bad, clip)
	}
	pipetest.Contract(t, c)
}

func TestInvalidClipsNameTheirFault(t *testing.T) {
	p := newPipeline(t, audio.Options{})
	clips := invalidClips()
	_, err := p.Run(t.Context(), clips["half a frame"])
	require.EqualError(t, err, "audio.Run: 3 samples do not divide into 2 channels: invalid input")
	_, err = p.Run(t.Context(), clips["a rate of 1 Hz"])
	require.EqualError(t, err, "audio.Run: rate is 1 Hz, a mel spectrogram at 16000 Hz wants 1000: invalid input")
	_, err = newPipeline(t, audio.Options{Tasks: audio.TaskSpeech}).Run(t.Context(), clips["a rate of 1 Hz"])
	require.EqualError(t, err, "audio.Run: rate is 1 Hz, speech at 16000 Hz wants 1000: invalid input")
	_, err = newPipeline(t, audio.Options{Tasks: audio.TaskProperties}).Run(t.Context(), clips["a rate of 1 Hz"])
	require.NoError(t, err, "its properties can be measured")
}

func TestResultGolden(t *testing.T) {
	clip := audio.Clip{ID: "tone", Rate: 22050, Channels: 2}
	for i, v := range synth.Tone(22050, 4410, 440, 0.5) {
		clip.Samples = append(clip.Samples, v, v/2+0.125*float32(i%2))
	}
	o := audio.Options{Tasks: audio.TaskProperties | audio.TaskMel, Mel: dsp.LibrosaMel(22050)}
	o.Mel.Mels, o.Mel.Log = 4, dsp.LogDecibel
	r, err := newPipeline(t, o).Run(t.Context(), clip)
	require.NoError(t, err)
	require.Equal(t, 200*time.Millisecond, r.Properties.Duration)
	for i, v := range r.Mel.Data { // decibels to one decimal are the same on every machine
		r.Mel.Data[i] = float32(math.Round(float64(v)*10) / 10)
	}
	for _, v := range []*float64{&r.Properties.RMS, &r.Properties.RMSDBFS, &r.Properties.Peak, &r.Properties.PeakDBFS,
		&r.Properties.Crest, &r.Properties.DCOffset, &r.Properties.ZeroCrossingRate} {
		*v = math.Round(*v*1e6) / 1e6
	}
	golden.JSON(t, "tone", r)
}

func allTasks(t testing.TB) audio.Task {
	t.Helper()
	all, err := audio.ParseTasks([]string{"all"})
	require.NoError(t, err)
	return all
}

func TestTasksAreIndependent(t *testing.T) {
	clip := audio.Clip{Rate: 24000, Channels: 2}
	for _, v := range resample(t, speech(t).Slice(0, 3100*ms), clip.Rate).Samples {
		clip.Samples = append(clip.Samples, min(4*v, 1), v/2+0.01) // clipped, and with an offset
	}
	clip.Samples = append(clip.Samples, make([]float32, clip.Rate*6/5)...)
	// The pitch has a test of its own: it takes long.
	all, err := newPipeline(t, audio.Options{Tasks: allTasks(t) &^ audio.TaskPitch}).Run(t.Context(), clip)
	require.NoError(t, err)
	require.NotEmpty(t, all.Speech)
	for tasks, want := range map[audio.Task]audio.Result{
		audio.TaskProperties:  {Properties: all.Properties},
		audio.TaskMel:         {Mel: all.Mel},
		audio.TaskSpeech:      {Speech: all.Speech},
		audio.TaskLoudness:    {Loudness: all.Loudness},
		audio.TaskTempo:       {Tempo: all.Tempo},
		audio.TaskKey:         {Key: all.Key},
		audio.TaskSilence:     {Silence: all.Silence},
		audio.TaskFaults:      {Faults: all.Faults},
		audio.TaskChords:      {Chords: all.Chords},
		audio.TaskFingerprint: {Fingerprint: all.Fingerprint},
		0: {Properties: all.Properties, Mel: all.Mel, Speech: all.Speech, Loudness: all.Loudness, Tempo: all.Tempo,
			Key: all.Key, Silence: all.Silence, Faults: all.Faults},
	} {
		require.NotEqual(t, audio.Result{}, want, tasks)
		got, err := newPipeline(t, audio.Options{Tasks: tasks}).Run(t.Context(), clip)
		require.NoError(t, err)
		require.Equal(t, want, got, tasks)
	}
}

func TestMelIsThatOfTheResampledMix(t *testing.T) {
	clip := audio.Clip{Rate: 44100, Channels: 2, Samples: synth.Noise(1, 20_000, 0.5)}
	p := newPipeline(t, audio.Options{Tasks: audio.TaskMel})
	for range 2 { // with a new filter and with a kept one
		r, err := p.Run(t.Context(), clip)
		require.NoError(t, err)
		want, err := dsp.MelSpectrogram(resample(t, clip.Mono(), 16000).Samples, dsp.WhisperLogMel(80))
		require.NoError(t, err)
		require.Equal(t, want, r.Mel)
	}
}

func TestSpeechIsThatOfTheDetector(t *testing.T) {
	o := audio.VoiceDetectorOptions{Threshold: 0.7, MaxSegment: time.Second}
	reading := speech(t).Slice(0, 3*time.Second)
	r, err := newPipeline(t, audio.Options{Tasks: audio.TaskSpeech, Speech: o}).Run(t.Context(), reading)
	require.NoError(t, err)
	want, err := newVoiceDetector(t, o).Run(t.Context(), reading)
	require.NoError(t, err)
	require.Greater(t, len(want), 2)
	require.Equal(t, want, r.Speech)

	// The mel spectrogram's samples serve for both.
	clip := audio.Clip{Rate: 44100, Channels: 2}
	for i, v := range resample(t, reading.Slice(0, 1500*ms), clip.Rate).Samples {
		clip.Samples = append(clip.Samples, v, float32(i%7)/100)
	}
	r, err = newPipeline(t, audio.Options{}).Run(t.Context(), clip)
	require.NoError(t, err)
	want, err = newVoiceDetector(t, audio.VoiceDetectorOptions{}).Run(t.Context(), clip)
	require.NoError(t, err)
	require.NotEmpty(t, want)
	require.Equal(t, want, r.Speech)
}

func TestManyRatesAtOnce(t *testing.T) {
	p := newPipeline(t, audio.Options{Tasks: audio.TaskMel})
	var clips []audio.Clip
	for i := range 30 {
		clips = append(clips, audio.Clip{Rate: 8000 + 1000*(i%20), Channels: 1, Samples: synth.Noise(1, 4000, 1)})
	}
	rs, err := p.RunBatch(t.Context(), clips)
	require.NoError(t, err)
	for i, r := range rs {
		require.Equal(t, len(resample(t, clips[i], 16000).Samples)/160, r.Mel.Frames)
	}
}

func TestEmptyResultsAreJSON(t *testing.T) {
	r, err := newPipeline(t, audio.Options{Tasks: allTasks(t)}).Run(t.Context(), audio.Clip{Rate: 8000, Channels: 1})
	require.NoError(t, err)
	require.Zero(t, r.Mel.Frames)
	_, err = json.Marshal(r)
	require.NoError(t, err, "silence has no infinite level")
}

func TestOptionsAreChecked(t *testing.T) {
	for name, tt := range map[string]struct {
		o    audio.Options
		text string
	}{
		"unknown task":    {audio.Options{Tasks: 1 << 20}, "unknown bits in Tasks 0x100000"},
		"two runtimes":    {audio.Options{Speech: audio.VoiceDetectorOptions{Runtime: optimize.Default()}}, "Speech.Runtime is set, set Runtime"},
		"a silence above": {audio.Options{Silence: audio.SilenceOptions{Threshold: 1}}, "silences below 1 dBFS of 0s, must be below 0 and not negative"},
		"bad mel options": {audio.Options{Mel: dsp.MelOptions{Mels: -1}}, "dsp: Mels is -1, limit 4096"},
		"too fast a mel":  {audio.Options{Mel: dsp.MelOptions{Rate: 1e6}}, "Mel.Rate is 1000000, must be at most 768000"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audio.New(tt.o)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.EqualError(t, err, "audio: "+tt.text+": invalid option")
		})
	}
}
