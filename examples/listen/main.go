// Command listen tells what is to be heard in a sound file: its length and levels, tempo
// and key, where somebody speaks, where it is silent, and what is wrong with the
// recording. It draws the waveform and the mel spectrogram.
//
//	go run ./examples/listen talk.mp3
//	go run ./examples/listen -pictures /tmp -pitch song.flac
//	go run ./examples/listen -json talk.mp3 | jq .speech
//	arecord -f S16_LE -r 16000 | go run ./examples/listen -live
//
// With -live it reads samples of 16 bits, little endian, from standard input, and prints
// speech as it begins and ends.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/audio/plot"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "listen:", err)
		os.Exit(1)
	}
}

// command is what the flags say.
type command struct {
	file, pictures string
	pitch, json    bool
	live           bool
	rate, channels int
}

func parse(args []string, help io.Writer) (c command, err error) {
	flags := flag.NewFlagSet("listen", flag.ContinueOnError)
	flags.SetOutput(help)
	flags.StringVar(&c.pictures, "pictures", ".", "folder for the two pictures; empty for none")
	flags.BoolVar(&c.pitch, "pitch", false, "track the pitch too, which takes longest")
	flags.BoolVar(&c.json, "json", false, "print JSON, and draw nothing")
	flags.BoolVar(&c.live, "live", false, "read samples of 16 bits from standard input")
	flags.IntVar(&c.rate, "rate", 16000, "with -live, frames in a second")
	flags.IntVar(&c.channels, "channels", 1, "with -live, samples of a frame")
	flags.Usage = func() {
		fmt.Fprintln(help, "usage: listen [flags] file")
		fmt.Fprintln(help, "       listen -live [-rate n] [-channels n] < samples")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	want := 1 // the file
	if c.live {
		want = 0
	}
	if flags.NArg() != want {
		return c, fmt.Errorf("got %d arguments, want %d", flags.NArg(), want)
	}
	if c.rate < 1 || c.rate > audio.MaxRate || c.channels < 1 || c.channels > 64 {
		return c, fmt.Errorf("-rate is %d, -channels %d, want 1 to %d and 1 to 64", c.rate, c.channels, audio.MaxRate)
	}
	c.file = flags.Arg(0)
	return c, nil
}

func run(ctx context.Context, args []string, in io.Reader, out, messages io.Writer) error {
	c, err := parse(args, messages)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case c.live:
		return live(ctx, c, in, out)
	}
	s, err := c.listen(ctx)
	if err != nil {
		return err
	}
	if c.json {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(s.Result)
	}
	if c.pictures != "" {
		if err := s.draw(c); err != nil {
			return err
		}
	}
	_, err = io.WriteString(out, s.String())
	return err
}

// listen decodes and analyses the file.
func (c command) listen(ctx context.Context) (s sound, err error) {
	f, err := os.Open(c.file)
	if err != nil {
		return s, err
	}
	defer f.Close()
	name := filepath.Base(c.file)
	if s.clip, s.info, err = audio.Decode(f, audio.DecodeOptions{ID: name}); err != nil {
		return s, err
	}
	tasks, err := audio.ParseTasks([]string{"default", "chords", "fingerprint"})
	if err != nil {
		return s, err
	}
	if c.pitch {
		tasks |= audio.TaskPitch
	}
	p, err := audio.New(audio.Options{Tasks: tasks &^ audio.TaskMel})
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	s.Result, err = p.Run(ctx, s.clip)
	return s, err
}

// draw writes both pictures beside one another.
func (s *sound) draw(c command) error {
	name := filepath.Base(c.file)
	stem := filepath.Join(c.pictures, strings.TrimSuffix(name, filepath.Ext(name)))
	for _, picture := range []struct {
		kind  string
		write func(io.Writer, audio.Clip, plot.Options) error
	}{{"waveform", plot.WriteWaveform}, {"spectrogram", plot.WriteSpectrogram}} {
		path := stem + "-" + picture.kind + ".png"
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		err = picture.write(f, s.clip, plot.Options{Title: name, Speech: s.Speech})
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		s.pictures = append(s.pictures, path)
	}
	return nil
}
