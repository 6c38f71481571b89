package audio

import (
	"strings"
	"time"
)

// Transcript is what was said in a clip.
type Transcript struct {
	// ID is that of the clip.
	ID string `json:"id,omitempty"`

	// Language is the code of the spoken language, "" if the model names none
	// or if nothing was said.
	Language string `json:"language,omitempty"`

	// LanguageScore is the probability of Language among all that the model
	// knows, 1 if the caller named it.
	LanguageScore float64 `json:"language_score,omitempty"`

	// Translated says that the text is English whatever Language is.
	Translated bool `json:"translated,omitempty"`

	// Duration is that of the clip.
	Duration time.Duration `json:"duration"`

	// Segments are the text with its times, in the order of their Start. The
	// caller owns them.
	Segments []TranscriptSegment `json:"segments"`
}

// TranscriptSegment is a sentence or a part of one. Times count from the begin
// of the clip, silences included.
type TranscriptSegment struct {
	// Start and End are the times of the text; End is after Start.
	Start time.Duration `json:"start"`
	End   time.Duration `json:"end"`

	// Text is without blanks at its ends.
	Text string `json:"text"`

	// Score is the geometric mean of the probabilities of the tokens of the
	// window that the segment is from, from 0 to 1.
	Score float64 `json:"score"`

	// NoSpeech is the probability that the window is silence. Whisper.
	NoSpeech float64 `json:"no_speech,omitempty"`

	// Compression is the number of bytes of the text of the window over those
	// of its zlib form. Whisper.
	Compression float64 `json:"compression,omitempty"`

	// Temperature is the one that the text was drawn at. Whisper.
	Temperature float64 `json:"temperature,omitempty"`

	// Words are the words of Text in order, within Start and End; nil unless
	// asked for and known.
	Words []TranscriptWord `json:"words,omitempty"`
}

// TranscriptWord is a word with the punctuation that touches it.
type TranscriptWord struct {
	// Start and End are the times of the word; End is not before Start.
	Start time.Duration `json:"start"`
	End   time.Duration `json:"end"`

	// Text is the word without blanks.
	Text string `json:"text"`

	// Score is the mean probability of its tokens, from 0 to 1.
	Score float64 `json:"score"`
}

// Text returns the texts of all segments with a blank between two.
func (t Transcript) Text() string {
	texts := make([]string, len(t.Segments))
	for i, s := range t.Segments {
		texts[i] = s.Text
	}
	return strings.Join(texts, " ")
}
