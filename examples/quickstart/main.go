// Command quickstart shows the five senses of Quintet on real files. Without
// arguments it reads the samples that are built into it: a text, a photograph and
// a few seconds of speech. With arguments it reads your own files and tells them
// apart by their content. It measures each, makes all of them searchable, links
// them in a graph, and answers a query.
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -q "black holes" notes.txt cat.jpg talk.wav
//	go run ./examples/quickstart -json | jq .hits
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
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, help io.Writer) error {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(help)
	query := flags.String("q", "which telescope sees X-rays", "what to search the inputs for")
	asJSON := flags.Bool("json", false, "print the typed results as JSON")
	flags.Usage = func() {
		fmt.Fprintln(help, "usage: quickstart [-q query] [-json] [file ...]")
		fmt.Fprintln(help, "Files are texts, JPEG, PNG, GIF or WebP pictures, and WAV sounds; without any, built-in samples.")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if err == flag.ErrHelp {
			return nil
		}
		return err
	}
	if strings.TrimSpace(*query) == "" {
		return errors.New("the query is empty")
	}
	files, err := load(flags.Args())
	if err != nil {
		return err
	}
	r, err := analyse(ctx, files, *query)
	if err != nil {
		return err
	}
	if *asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	return r.print(out)
}
