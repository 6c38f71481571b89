package audio_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
)

// FuzzDecode holds any bytes against the promises of Decode: a valid clip within
// the limits or an error with a cause; what it decoded, it decodes again from the
// file that EncodeWAV writes.
func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/wav/*.wav")
	more, _ := filepath.Glob("testdata/coded/*.*")
	files = append(files, more...)
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("\xff\xfb\x90\x64"))
	f.Fuzz(func(t *testing.T, b []byte) {
		limits := audio.Limits{MaxDuration: time.Minute, MaxChannels: 8, MaxBytes: 1 << 20}
		clip, info, err := audio.Decode(bytes.NewReader(b), audio.DecodeOptions{Limits: limits})
		if err != nil {
			if !errors.Is(err, quintet.ErrInput) && !errors.Is(err, quintet.ErrUnsupported) {
				t.Fatal(err)
			}
			if strings.Contains(err.Error(), "stumbled") {
				t.Fatal(err)
			}
			return
		}
		if clip.Duration() > time.Minute || clip.Channels > 8 || len(clip.Samples) > 1<<18 {
			t.Fatalf("%v of %d channels", clip.Duration(), clip.Channels)
		}
		plain := info.Format == audio.WAV || info.Format == audio.RF64 || info.Format == audio.AIFF
		if plain && len(clip.Samples)*info.Encoding.Bytes() > len(b) {
			t.Fatalf("%d samples of %v from %d bytes", len(clip.Samples), info.Encoding, len(b))
		}
		if _, err := audio.Measure(clip); err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if err := audio.EncodeWAV(&again, clip, audio.Float32); err != nil {
			t.Fatal(err)
		}
		second, info, err := audio.Decode(&again, audio.DecodeOptions{Limits: limits})
		if err != nil || info.Truncated || second.Rate != clip.Rate || second.Channels != clip.Channels {
			t.Fatalf("%v, %+v", err, info)
		}
		for i, v := range clip.Samples {
			if second.Samples[i] != v {
				t.Fatalf("sample %d: %v became %v", i, v, second.Samples[i])
			}
		}
	})
}
