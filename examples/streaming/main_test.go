package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
)

// talk is a reading, of which the tests hear two seconds.
const talk = "../quickstart/samples/reading.wav"

func decoded(t *testing.T) audio.Clip {
	t.Helper()
	f, err := os.Open(talk)
	require.NoError(t, err)
	defer f.Close()
	clip, _, err := audio.Decode(f, audio.DecodeOptions{})
	require.NoError(t, err)
	return clip.Mono().Slice(0, 2*time.Second)
}

// hear returns what is told about a sound.
func hear(t *testing.T, in io.Reader, args ...string) []event {
	t.Helper()
	var out, messages bytes.Buffer
	require.NoError(t, run(t.Context(), args, in, &out, &messages))
	require.Contains(t, messages.String(), " s of sound in ")
	var events []event
	for d := json.NewDecoder(&out); d.More(); {
		var e event
		require.NoError(t, d.Decode(&e))
		events = append(events, e)
	}
	return events
}

func TestEveryFormatTellsTheSame(t *testing.T) {
	clip := decoded(t)
	d, err := audio.NewVoiceDetector(audio.VoiceDetectorOptions{MinSilence: 400 * time.Millisecond})
	require.NoError(t, err)
	defer d.Close()
	segments, err := d.Run(t.Context(), clip)
	require.NoError(t, err)
	require.NotEmpty(t, segments)
	var want []event
	for _, s := range segments {
		want = append(want, event{Event: "begin", Start: seconds(s.Start)},
			event{Event: "end", Start: seconds(s.Start), End: seconds(s.End), Score: thousandths(s.Score)})
	}
	var s16, f32 []byte
	for _, v := range clip.Samples {
		s16 = binary.LittleEndian.AppendUint16(s16, uint16(int16(v*(1<<15))))
		f32 = binary.LittleEndian.AppendUint32(f32, math.Float32bits(v))
	}
	rate := strconv.Itoa(clip.Rate)
	var file bytes.Buffer
	require.NoError(t, audio.EncodeWAV(&file, clip, audio.PCM16))
	require.Equal(t, want, hear(t, bytes.NewReader(append(s16, 1)), "-rate", rate), "half a sample at the end is left out")
	require.Equal(t, want, hear(t, bytes.NewReader(f32), "-format", "f32", "-rate", rate))
	require.Equal(t, want, hear(t, &file, "-format", "file"))
	require.Equal(t, want, hear(t, iotest.OneByteReader(bytes.NewReader(s16)), "-rate", rate), "sound that comes in small parts")
	require.Empty(t, hear(t, strings.NewReader("")))
}

func TestEventsAreWrittenWhenTheyAreKnown(t *testing.T) {
	clip := decoded(t)
	in, sound := io.Pipe()
	told, out := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-rate", strconv.Itoa(clip.Rate)}, in, out, io.Discard)
	}()
	sent := make(chan error, 1)
	go func() { // the sound goes on for ever
		b := make([]byte, 0, 2*len(clip.Samples))
		for _, v := range clip.Samples {
			b = binary.LittleEndian.AppendUint16(b, uint16(int16(v*(1<<15))))
		}
		var err error
		for err == nil {
			_, err = sound.Write(b)
		}
		sent <- err
	}()
	var first event
	d := json.NewDecoder(told)
	require.NoError(t, d.Decode(&first))
	require.Equal(t, "begin", first.Event)
	stop()
	go func() { _, _ = io.Copy(io.Discard, io.MultiReader(d.Buffered(), told)) }()
	require.NoError(t, <-ended, "Ctrl-C is how a live sound ends")
	require.NoError(t, in.Close())
	require.ErrorIs(t, <-sent, io.ErrClosedPipe)
	require.NoError(t, out.Close())
}

func TestWhatAModelUnderstands(t *testing.T) {
	said := audio.TranscriptSegment{Start: time.Second, End: 2500 * time.Millisecond, Text: "ask not", Score: 0.9}
	require.Equal(t, event{Event: "draft", Start: 1, End: 2.5, Text: "ask not"},
		textEvent(audio.TranscriptEvent{TranscriptSegment: said}))
	require.Equal(t, event{Event: "text", Start: 1, End: 2.5, Text: "ask not", Score: 0.9, Language: "en"},
		textEvent(audio.TranscriptEvent{TranscriptSegment: said, Final: true, Language: "en"}))
}

func TestErrors(t *testing.T) {
	var out strings.Builder
	call := func(args ...string) error { return run(t.Context(), args, strings.NewReader("no sound"), &out, &out) }
	require.EqualError(t, call("a.wav"), "got 1 arguments, want none: sound comes from standard input")
	require.ErrorContains(t, call("-format", "mp3"), `-format is "mp3"`)
	require.ErrorContains(t, call("-rate", "1"), "-rate is 1")
	require.ErrorIs(t, call("-format", "file"), quintet.ErrInput)
	require.Error(t, call("-model", t.TempDir()))
	require.NoError(t, call("-h"))
	gone := errors.New("unplugged")
	require.ErrorIs(t, run(t.Context(), nil, iotest.ErrReader(gone), &out, &out), gone)
	nan := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN())))
	require.ErrorIs(t, run(t.Context(), []string{"-format", "f32"}, bytes.NewReader(nan), &out, &out), quintet.ErrInput)
}
