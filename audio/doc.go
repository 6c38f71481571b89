// Package audio reads sound: it decodes files, resamples, measures, describes music,
// computes mel spectrograms, finds speech and writes it down.
//
// A [Clip] comes from [Decode] or from the caller's own samples. A [Pipeline] runs
// the [Task]s its [Options] ask for and fills the matching fields of [Result]:
//
//	clip, info, err := audio.Decode(file, audio.DecodeOptions{})
//	p, err := audio.New(audio.Options{})
//	r, err := p.Run(ctx, clip)
//	fmt.Println(r.Properties.Duration, r.Loudness.Integrated, r.Mel.Frames)
//	for _, s := range r.Speech {
//		fmt.Println(s.Start, s.End)
//	}
//	if len(r.Tempo) > 0 {
//		fmt.Println(r.Tempo[0].BPM, r.Key[0].Key)
//	}
//
// The parts it is built from can be used alone: [Clip.Resample], [Clip.Mono],
// [Clip.Slice], [Measure], [Silences], [Faults] and [EncodeWAV] here, the features in
// the package audio/dsp. [Clip.Gain], [Clip.Fade], [Clip.Normalize] and [Clip.Trim]
// edit a clip, [Fingerprint] tells recordings apart. The package audio/plot draws.
//
// # Speech
//
// A [VoiceDetector] is the task of finding speech alone. It needs no file and no
// library beside the program: the model is part of this package and runs on the
// native backend, or on that of the runtime. [VoiceDetector.Listen] finds speech in
// sound while it comes:
//
//	d, err := audio.NewVoiceDetector(audio.VoiceDetectorOptions{})
//	for e, err := range d.Listen(ctx, microphone) { // an iter.Seq[audio.Clip]
//		if err == nil && e.Ended {
//			fmt.Println(e.Start, e.End)
//		}
//	}
//
// [VoiceDetector.Probabilities] and [SpeechSegments] are its two halves, for those
// who look for the right options.
//
// # Models of the caller
//
// A [Classifier] names sounds by labels, such as those of AudioSet. A [SpeakerEmbedder]
// makes vectors of voices; [SpeakerEmbedder.Diarize] tells by them who speaks when, and
// [ClusterSpeakers] groups them. Each takes an ONNX model, and a [ModelInput] that says
// which samples or mel spectrogram it wants. A [KeywordSpotter] finds words by three to
// five examples of each, with a model or without.
//
// # Limits
//
// [Decode] and [Reader] read the formats in the list of [Format]:
//
//	WAV         integers of 8, 16, 24 and 32 bits, floats, A-law, mu-law; RF64, RIFX
//	AIFF        the same, AIFF-C too
//	FLAC        4 to 32 bits, 1 to 8 channels; each frame checked by its sum
//	MP3         MPEG 1, 2 and 2.5; the encoder's delay and padding are cut, ID3 skipped
//	Ogg Vorbis  the first stream of the file; floors of type 1; channels in the order of WAV
//	Ogg Opus    one or two channels, always at 48 kHz
//
// Of the other common formats they say which one they met, as of MP3 of a free bit rate
// and Opus of more channels. MP3, Vorbis and Opus may go beyond full scale, as what was
// encoded did. In them a damaged packet is silence or missing; FLAC ends with an error
// there. No file makes the process end, and none makes a decoder take more memory than a
// few megabytes beside the samples.
//
// Clips lie in memory whole, at four bytes a sample: 10 MB for a minute of stereo
// at 44.1 kHz. A mel spectrogram by the defaults takes 32 kB for a second of
// sound and, while it is made, 64 kB for the resampled signal. The default tasks took
// 0.9 s for a minute of stereo at 44.1 kHz on one core of a busy machine, half of it
// loudness and speech; pitch takes 3 s more.
//
// Speech is found by what it sounds like, not understood: singing counts, and so do
// voices from a loudspeaker. The detector was measured on clean recordings of read
// English, alone and in white noise, and on synthetic noise and music; in noise as
// loud as the speech it misses a few per cent of what it finds without, in louder
// noise more. Whispering, crosstalk, telephone sound and other languages were not
// measured. It costs about a four-hundredth of the sound's duration on one core.
//
// The goals of this package, with what make report AREA=audio measured on one core of a
// busy AMD EPYC (Zen 3):
//
//	log-mel spectrogram of 60 s             5.9 ms   goal 16; FFTW 11
//	44.1 to 16 kHz, 10 s                    3.7 ms   goal 4; soxr HQ 3.1
//	  signal to noise, aliases              143 dB, -125 dB   goals 120, -110
//	speech, a frame of 32 ms                38 µs    goal 120; ONNX Runtime 101
//	decode 60 s of stereo at 44.1 kHz
//	  WAV                                   12 ms    goal 15; ffmpeg 183
//	  MP3                                   2.3 times mpg123    goal 5
//	  FLAC                                  2.3 times flac      goal 3
//	  Ogg Vorbis                            1.1 times oggdec    goal 2
//	tempos right of 11 clicks, 11 drums     11, 10   goals 11, 9; aubio 7, 5
//	F of their beats                        0.996, 0.966   goal 0.9; aubio 0.55, 0.42
//	loudness, from ffmpeg's ebur128         within 0.04 LU   goal 0.1
//
// Transcription was tested with small graphs whose text is known, never with published
// weights, which were not at hand: how well a model hears is not known here. The same
// goes for classifiers, speakers and who speaks when: graphs of a few operators with
// known answers, tones for voices, and clusters held against the slow way.
//
// Keywords without a model depend on the voice, and on the sound around them, whose mean
// is taken away; they want sound with some seconds of speech. Six words of one speech
// synthesiser, enrolled from four of its voices, were found in 16 of 18 sentences by
// three other voices, with no false hit in a minute. People were not measured. A model
// for keywords sees what stands beside a word too: its window should be no longer.
package audio
