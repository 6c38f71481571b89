// Package dsp computes features of sound: windows, short-time spectra and back,
// mel spectrograms and cepstra, constant-Q transforms, shapes of spectra, onsets, tempo
// and beats, pitch, chroma, key and chords, levels, loudness, zero crossings and
// fingerprints. It takes music apart and noise away.
//
// Signals are mono slices of float32. A plan such as [Mel] is made once for its
// options and allocates nothing afterwards; the functions that return a
// [Spectrogram] make a plan for one use:
//
//	s, err := dsp.MelSpectrogram(samples, dsp.WhisperLogMel(80))
//	fmt.Println(s.Frames, s.Bins, s.Row(0))
//
// Libraries disagree about the conventions of a mel spectrogram, and a model
// hears nonsense when it is fed with those of another. The presets
// [WhisperLogMel], [LibrosaMel], [TorchaudioMel] and [KaldiFbank], and those of
// [MFCC], reproduce the numbers of the library they are named after. [CQT] follows
// librosa, [Fingerprinter] Chromaprint.
//
// Pitch has two plans: [YIN] looks at each frame alone, [PYIN] at the whole signal, and
// is right where there is noise or a breathy voice. [Separator] and [Denoiser] return
// sound: what goes on and what strikes, and sound without steady noise. [SeparatorStream]
// and [DenoiserStream] do so while the sound comes.
//
// On amd64 with AVX2 and FMA the transforms, windows and logarithms run in assembly; the
// build tag purego leaves it out.
//
// # Limits
//
// Plans share work space between calls and so serve one goroutine at a time;
// Clone is cheap, as it shares the tables. Computation is in float32: a value is
// exact to about 1e-6 of the largest value of its frame, so the logarithms of
// bands far below the loudest one (110 dB and more) are noise, as in the
// libraries named.
//
// Every feature is defined for signals of any length, none included. Finite
// samples never give NaN or an infinity: what would overflow saturates at the
// largest float32. NaN and infinite samples give NaN in the frames that they
// touch; loudness, onsets, chroma, chords, fingerprints, [Separator] and [Denoiser]
// count them as 0, and frames that they touch have no pitch.
//
// Tempo, beats, key, chords and pitch were measured on made-up signals only. Key, chroma
// and chords know equal temperament and one tuning, chords only major and minor triads;
// tempo and beats know one steady tempo. Of made-up tracks from 45 to 210 beats a
// minute, on which no constant was chosen, the first tempo was right for 92 %, and
// for the others half, double, a third or triple of the right one. [Denoiser] takes away steady noise, not
// other voices, music or clicks.
package dsp
