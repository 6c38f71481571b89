// Package plot draws sound as PNG pictures: the waveform of a clip, and its mel
// spectrogram, with axes and labels.
//
//	err := plot.WriteWaveform(file, clip, plot.Options{Speech: result.Speech})
//	err = plot.WriteSpectrogram(other, clip, plot.Options{Title: "talk.mp3"})
//
// # Limits
//
// Labels are in the Go font, which has Latin, Greek and Cyrillic letters. A pixel stands
// for a stretch of sound: the waveform shows the extremes and the level in it, the
// spectrogram the largest value. Memory does not grow with the clip, time does: about 80
// ms for the waveform and 200 ms for the spectrogram of a minute of stereo at 44.1 kHz.
package plot
