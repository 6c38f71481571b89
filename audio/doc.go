// Package audio reads sound: it decodes files, resamples, measures and computes
// mel spectrograms.
//
// A [Clip] comes from [Decode] or from the caller's own samples. A [Pipeline] runs
// the [Task]s its [Options] ask for and fills the matching fields of [Result]:
//
//	clip, info, err := audio.Decode(file, audio.DecodeOptions{})
//	p, err := audio.New(audio.Options{})
//	r, err := p.Run(ctx, clip)
//	fmt.Println(r.Properties.Duration, r.Mel.Frames)
//
// The parts it is built from can be used alone: [Clip.Resample], [Clip.Mono],
// [Clip.Slice], [Measure] and [EncodeWAV] here, the features in the package
// audio/dsp.
//
// # Limits
//
// [Decode] reads WAV; of the other common formats it says which one it met.
// Clips lie in memory whole, at four bytes a sample: 10 MB for a minute of stereo
// at 44.1 kHz. A mel spectrogram by the defaults takes 32 kB for a second of
// sound and, while it is made, 64 kB for the resampled signal.
package audio
