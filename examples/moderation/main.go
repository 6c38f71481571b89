// Command moderation decides about posts, one JSON object a line: allow, review or
// block, and why. Personal data in their texts is redacted, faces in their pictures are
// blurred.
//
//	go run ./examples/moderation -pictures uploads posts.jsonl > verdicts.jsonl
//	tail -f posts.jsonl | go run ./examples/moderation -rules rules.json -train labelled.jsonl -
//
// A post has an "id", a "text" and perhaps an "image", a path in the folder of -pictures.
// Rules are the fields of the struct in rules.go; a file has those that are to differ.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/quintet-ai/quintet/internal/terminal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "moderation:", err)
		os.Exit(1)
	}
}

// command is what the flags say.
type command struct {
	posts, rules, train, pictures, blurred, ocr string
}

func parse(args []string, help io.Writer) (c command, err error) {
	flags := flag.NewFlagSet("moderation", flag.ContinueOnError)
	flags.SetOutput(help)
	flags.StringVar(&c.rules, "rules", "", "JSON file with rules that differ from the default ones")
	flags.StringVar(&c.train, "train", "", `file with examples, a line each: {"text":…,"label":"allow"}, also review and block`)
	flags.StringVar(&c.pictures, "pictures", ".", "folder of the pictures; posts see no other")
	flags.StringVar(&c.blurred, "blurred", "", "folder for pictures whose faces are blurred; by default none are written")
	flags.StringVar(&c.ocr, "ocr", "", "folder with models of PP-OCR, to judge the text in pictures too")
	flags.Usage = func() {
		fmt.Fprintln(help, "usage: moderation [flags] posts.jsonl, or - for standard input")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if flags.NArg() != 1 {
		return c, fmt.Errorf("want one argument, the posts, got %d", flags.NArg())
	}
	c.posts = flags.Arg(0)
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
	j, err := newJudge(ctx, c, terminal.NewBar(messages))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.close()) }()
	size := 0
	if c.posts != "-" {
		f, err := os.Open(c.posts)
		if err != nil {
			return err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil {
			size = int(info.Size())
		}
		in = f
	}
	bar := &terminal.Bar{}
	if size > 0 {
		bar = terminal.NewBar(messages)
	}
	bar.Start(size)
	sum, err := j.all(ctx, in, out, bar)
	bar.Stop()
	fmt.Fprintln(messages, sum)
	return err
}
