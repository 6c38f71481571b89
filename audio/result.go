package audio

import (
	"time"

	"github.com/quintet-ai/quintet/audio/dsp"
)

// Result is what a [Pipeline] found in a clip. Fields of tasks that were not asked
// for are zero.
type Result struct {
	// ID is that of the clip.
	ID string `json:"id,omitempty"`

	// Properties are the answer to TaskProperties.
	Properties Properties `json:"properties,omitzero"`

	// Mel is the answer to TaskMel, owned by the caller.
	Mel *dsp.Spectrogram `json:"mel,omitempty"`

	// Speech is the answer to TaskSpeech: where somebody speaks, in order.
	Speech []Segment `json:"speech,omitempty"`

	// Loudness is the answer to TaskLoudness, of all channels together, by EBU
	// R128.
	Loudness *dsp.Loudness `json:"loudness,omitempty"`

	// Tempo is the answer to TaskTempo: at most five tempos, best first; none if
	// the clip has no onsets or is shorter than three seconds.
	Tempo []dsp.TempoCandidate `json:"tempo,omitempty"`

	// Key is the answer to TaskKey: the five best of the 24 keys, best first; none
	// for silence.
	Key []dsp.KeyCandidate `json:"key,omitempty"`

	// Silence is the answer to TaskSilence: the silent parts, in order.
	Silence []Span `json:"silence,omitempty"`

	// Faults is the answer to TaskFaults: what is wrong with the recording, by
	// order of time, then of channel.
	Faults []Fault `json:"faults,omitempty"`

	// Pitch is the answer to TaskPitch: that of one voice, every 10 ms. See
	// dsp.PYIN.
	Pitch []dsp.Pitch `json:"pitch,omitempty"`

	// Chords is the answer to TaskChords: in order, without gaps.
	Chords []dsp.Chord `json:"chords,omitempty"`

	// Fingerprint is the answer to TaskFingerprint, as [Fingerprint] returns it.
	Fingerprint dsp.Fingerprint `json:"fingerprint,omitempty"`
}

// Properties are plain measurements over all channels of a clip. Amplitudes are
// relative to full scale, 1; levels are their decibels, at least dsp.MinDBFS.
// Of a clip without samples all but Rate and Channels are 0, the levels
// dsp.MinDBFS.
type Properties struct {
	Duration time.Duration `json:"duration"` // rounded down to a nanosecond
	Rate     int           `json:"rate"`     // frames in a second
	Channels int           `json:"channels"`
	Frames   int           `json:"frames"` // samples of one channel

	RMS      float64 `json:"rms"`       // root of the mean square
	RMSDBFS  float64 `json:"rms_dbfs"`  // its level
	Peak     float64 `json:"peak"`      // largest magnitude of a sample
	PeakDBFS float64 `json:"peak_dbfs"` // its level
	Crest    float64 `json:"crest"`     // peak over RMS in decibels, 0 for digital silence

	// DCOffset is the mean of the channel whose mean is farthest from 0; the
	// first of several.
	DCOffset float64 `json:"dc_offset"`

	// Clipped counts samples at or beyond the largest value of 16 bits,
	// 32767/32768 of full scale.
	Clipped int `json:"clipped"`

	// Silence is the share, from 0 to 1, of blocks of 20 ms whose RMS is under
	// -60 dBFS. The last block may be shorter.
	Silence float64 `json:"silence"`

	// ZeroCrossingRate is the number of changes of sign per sample, the mean
	// of the channels; see dsp.ZeroCrossingRate. Times half of Rate it is a
	// rough frequency.
	ZeroCrossingRate float64 `json:"zero_crossing_rate"`
}
