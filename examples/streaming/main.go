// Command streaming hears live sound and tells, as lines of JSON, when somebody begins
// and ends to speak and, with a model, what is said.
//
//	arecord -q -f S16_LE -r 16000 -c 1 | go run ./examples/streaming
//	ffmpeg -loglevel error -i talk.mp4 -f s16le -ac 1 -ar 16000 - | go run ./examples/streaming
//	sox talk.ogg -t f32 -r 16000 -c 1 - | go run ./examples/streaming -format f32
//	go run ./examples/streaming -format file -model whisper-tiny < talk.mp3
//
// Each event is written when it is known: the beginning of speech a quarter of a second
// after it, the end when the silence behind it has lasted for -silence.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/quintet-ai/quintet/audio"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "streaming:", err)
		os.Exit(1)
	}
}

// command is what the flags say.
type command struct {
	format         string
	rate, channels int
	model          string
	language       string
	silence        time.Duration
}

func parse(args []string, help io.Writer) (c command, err error) {
	flags := flag.NewFlagSet("streaming", flag.ContinueOnError)
	flags.SetOutput(help)
	flags.StringVar(&c.format, "format", "s16", "of standard input: s16 or f32, samples in little endian, or file, any that audio reads")
	flags.IntVar(&c.rate, "rate", 16000, "frames in a second of s16 and f32")
	flags.IntVar(&c.channels, "channels", 1, "samples of a frame of s16 and f32")
	flags.StringVar(&c.model, "model", "", "directory of a Whisper or CTC model, to write down what is said")
	flags.StringVar(&c.language, "language", "", "with -model, the language that is spoken, such as en; by default it is detected")
	flags.DurationVar(&c.silence, "silence", 400*time.Millisecond, "how long a silence ends speech")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	switch {
	case flags.NArg() != 0:
		return c, fmt.Errorf("got %d arguments, want none: sound comes from standard input", flags.NArg())
	case c.format != "s16" && c.format != "f32" && c.format != "file":
		return c, fmt.Errorf("-format is %q, want s16, f32 or file", c.format)
	case c.rate < 1000 || c.rate > audio.MaxRate || c.channels < 1 || c.channels > 64:
		return c, fmt.Errorf("-rate is %d, -channels %d, want 1000 to %d and 1 to 64", c.rate, c.channels, audio.MaxRate)
	}
	return c, nil
}

func run(ctx context.Context, args []string, in io.Reader, out, messages io.Writer) (err error) {
	c, err := parse(args, messages)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	hear, done, err := open(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	s, err := newSound(c, in)
	if err != nil {
		return err
	}
	start := time.Now()
	if err := tell(ctx, out, hear(ctx, s.parts)); err != nil {
		return err
	}
	fmt.Fprintf(messages, "%.1f s of sound in %.2f s\n", s.heard.Seconds(), time.Since(start).Seconds())
	return s.err
}
