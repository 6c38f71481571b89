package dsp

import "time"

// Spectrogram is a matrix of spectral values: one row for each frame, in order of
// time, and in a row one value for each frequency bin or band, lowest first.
type Spectrogram struct {
	Frames int           `json:"frames"` // rows
	Bins   int           `json:"bins"`   // values in a row
	Hop    time.Duration `json:"hop"`    // between frames, rounded to a nanosecond
	Data   []float32     `json:"data"`   // row by row, Frames·Bins values
}

// Row returns the values of a frame. It shares memory with s.Data.
func (s *Spectrogram) Row(frame int) []float32 {
	return s.Data[frame*s.Bins : (frame+1)*s.Bins : (frame+1)*s.Bins]
}

// shape gives s a size and keeps its memory if that is large enough. The values
// are unspecified.
func (s *Spectrogram) shape(frames, bins int, hop time.Duration) {
	n := frames * bins
	if cap(s.Data) < n {
		s.Data = make([]float32, n)
	}
	s.Frames, s.Bins, s.Hop, s.Data = frames, bins, hop, s.Data[:n]
}
