// Command semanticsearch makes a folder of text files searchable: it keeps an index
// beside it up to date, answers questions, and serves a page with a search box.
//
//	go run ./examples/semanticsearch -q "who writes the log" ./docs
//	go run ./examples/semanticsearch -q "release" -path notes/ -after 2026-01-01 ./docs
//	go run ./examples/semanticsearch -serve localhost:8080 ./docs
//
// Files that did not change since the last call are not read again. The search is a
// hybrid one: by words, and by vectors. Without -model these too know words and their
// spelling only; with -model, a directory with an encoder in the Hugging Face layout,
// they know the meaning.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"time"

	"github.com/quintet-ai/quintet/internal/terminal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "semanticsearch:", err)
		os.Exit(1)
	}
}

// command is what the flags say.
type command struct {
	folder, index, model, address string
	question                      question
}

func parse(args []string, help io.Writer) (c command, err error) {
	flags := flag.NewFlagSet("semanticsearch", flag.ContinueOnError)
	flags.SetOutput(help)
	flags.StringVar(&c.index, "index", "", "directory of the index; by default one in the user's cache")
	flags.StringVar(&c.model, "model", "", "directory of an encoder: model.onnx and tokenizer.json")
	flags.StringVar(&c.address, "serve", "", "address at which to serve a page, such as localhost:8080")
	flags.StringVar(&c.question.text, "q", "", "what to search for")
	flags.StringVar(&c.question.path, "path", "", "search only files whose path begins so")
	flags.IntVar(&c.question.limit, "n", 5, "how many passages to print")
	after := flags.String("after", "", "search only files changed on or after this date, such as 2026-01-31")
	before := flags.String("before", "", "search only files changed before this date")
	flags.Usage = func() {
		fmt.Fprintln(help, "usage: semanticsearch [flags] folder")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if flags.NArg() != 1 {
		return c, fmt.Errorf("want one argument, the folder, got %d", flags.NArg())
	}
	c.folder = flags.Arg(0)
	if c.question.limit < 1 {
		return c, fmt.Errorf("-n is %d, want 1 or more", c.question.limit)
	}
	if c.question.after, err = date(*after); err == nil {
		c.question.before, err = date(*before)
	}
	return c, err
}

// date reads a day in local time; "" is the zero time.
func date(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.ParseInLocation(time.DateOnly, s, time.Local)
}

func run(ctx context.Context, args []string, out, messages io.Writer) (err error) {
	c, err := parse(args, messages)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	lib, err := openLibrary(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lib.close()) }()

	sum, err := lib.update(ctx, os.DirFS(c.folder), terminal.NewBar(messages))
	if err != nil {
		return err
	}
	fmt.Fprintln(messages, sum)
	if c.question.text != "" {
		hits, err := lib.search(ctx, c.question)
		if err != nil {
			return err
		}
		printHits(out, hits)
	}
	if c.address == "" {
		return nil
	}
	l, err := net.Listen("tcp", c.address)
	if err != nil {
		return err
	}
	fmt.Fprintf(messages, "http://%s\n", l.Addr())
	return serve(ctx, l, lib)
}

func printHits(out io.Writer, hits []passage) {
	if len(hits) == 0 {
		fmt.Fprintln(out, "nothing found")
	}
	for _, h := range hits {
		fmt.Fprintf(out, "%.2f  %s, line %d, %s\n      %s\n", h.Score, h.Path, h.Line, h.Modified.Format(time.DateOnly), h.Short(200))
	}
}
