// Command multimodal searches a folder of texts, photographs and recordings with one
// question, on the terminal or on a page.
//
//	go run ./examples/multimodal -q "telescope" ./examples/quickstart/samples
//	go run ./examples/multimodal -serve localhost:8080 ./holiday
//	go run ./examples/multimodal -clip clip-vit-b32/onnx -whisper whisper-tiny -serve localhost:8080 ./holiday
//
// Without models a photograph is found by its name, its camera, its colours and the faces
// in it, a recording by its name and how much is spoken. With -clip photographs are found
// by what they show, with -labels by the names of that, with -ocr by the text in them,
// with -whisper recordings by what is said, and with -model texts by their meaning.
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

	"github.com/quintet-ai/quintet/internal/terminal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "multimodal:", err)
		os.Exit(1)
	}
}

// command is what the flags say.
type command struct {
	folder, address           string
	model, clip, ocr, whisper string
	labels                    string
	question                  question
}

func parse(args []string, help io.Writer) (c command, err error) {
	flags := flag.NewFlagSet("multimodal", flag.ContinueOnError)
	flags.SetOutput(help)
	flags.StringVar(&c.address, "serve", "", "address at which to serve a page, such as localhost:8080")
	flags.StringVar(&c.model, "model", "", "directory of an encoder: model.onnx and tokenizer.json")
	flags.StringVar(&c.clip, "clip", "", "directory of CLIP: vision_model.onnx, text_model.onnx and, there or above, tokenizer.json")
	flags.StringVar(&c.labels, "labels", "", "directory of a classifier of pictures: model.onnx and config.json with its labels")
	flags.StringVar(&c.ocr, "ocr", "", "folder with models of PP-OCR")
	flags.StringVar(&c.whisper, "whisper", "", "directory of a Whisper or CTC model")
	flags.StringVar(&c.question.text, "q", "", "what to search for")
	flags.StringVar(&c.question.kind, "kind", "", "search only these: text, photo or recording")
	flags.BoolVar(&c.question.people, "people", false, "search only photographs with faces and recordings with speech")
	flags.IntVar(&c.question.limit, "n", 10, "how many to print")
	flags.Usage = func() {
		fmt.Fprintln(help, "usage: multimodal [flags] folder")
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
	return c, c.question.check()
}

func run(ctx context.Context, args []string, out, messages io.Writer) (err error) {
	c, err := parse(args, messages)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	m, err := openModels(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	root, err := os.OpenRoot(c.folder)
	if err != nil {
		return err
	}
	defer root.Close()
	lib, err := newLibrary(root.FS(), m)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lib.close()) }()
	if err := lib.read(ctx, terminal.NewBar(messages)); err != nil {
		return err
	}
	fmt.Fprint(messages, lib)
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
