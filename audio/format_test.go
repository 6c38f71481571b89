package audio_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
)

func TestFormatsAreRecognisedByContent(t *testing.T) {
	ogg := "OggS" + strings.Repeat("\x00", 24)
	for name, tt := range map[string]struct {
		head string
		want audio.Format // "" if unknown
	}{
		"MPEG Layer II":         {"\xff\xfd\x90\x04", "mp2"},
		"AAC":                   {"\xff\xf1\x50\x80", "aac"},
		"Ogg of something else": {ogg + "fishead\x00", "ogg"},
		"AU":                    {".snd\x00\x00\x00\x18", "au"},
		"M4A":                   {"\x00\x00\x00\x20ftypM4A ", "mp4"},
		"AVI":                   {"RIFF\x00\x00\x00\x00AVI ", "avi"},
		"WebM":                  {"\x1a\x45\xdf\xa3\x9f", "matroska"},
		"WAV only by its name":  {"RIFF\x00\x00\x00\x00WEBP", ""},
		"text":                  {"Hello, this is no sound.", ""},
		"text in UTF-16":        {"\xff\xfeH\x00e\x00l\x00l\x00o\x00", ""},
		"JPEG":                  {"\xff\xd8\xff\xe0\x00\x10JFIF", ""},
		"one byte":              {"\xff", ""},
		"reserved MPEG version": {"\xff\xeb\x90\x64", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, info, err := audio.Decode(strings.NewReader(tt.head), audio.DecodeOptions{})
			require.Equal(t, tt.want, info.Format)
			require.Equal(t, tt.want, audio.Sniff([]byte(tt.head)))
			if tt.want == "" {
				require.ErrorIs(t, err, quintet.ErrInput)
				require.ErrorContains(t, err, "unknown format")
				return
			}
			require.ErrorIs(t, err, quintet.ErrUnsupported)
			require.EqualError(t, err, "audio: format "+string(tt.want)+": not supported here")
		})
	}
}

func TestTheNameOfAFileDoesNotCount(t *testing.T) {
	clip, info, err := audio.Decode(bytes.NewReader(coded(t, "mono.mp3")), audio.DecodeOptions{ID: "speech.wav"})
	require.NoError(t, err)
	require.Equal(t, "speech.wav", clip.ID)
	require.Equal(t, audio.MP3, info.Format)
}

func TestSniffKnowsWAV(t *testing.T) {
	require.Equal(t, audio.WAV, audio.Sniff(honest(1).bytes()))
	require.Equal(t, audio.RF64, audio.Sniff([]byte("RF64\xff\xff\xff\xffWAVEds64")))
	require.Equal(t, audio.Format(""), audio.Sniff(nil))
}
