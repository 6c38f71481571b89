// Command knowledgegraph reads a folder of English text files and shows what is named
// in them together: people, places, organisations and key terms as a graph with its
// communities on a page, and the passages that answer a question.
//
//	go run ./examples/knowledgegraph -page graph.html ./docs
//	go run ./examples/knowledgegraph -q "who worked with radium" ./docs
//
// A question is answered from the names and terms in it: from these, ranks spread
// along the graph to what is named with them, and the sentences that name most of it
// are the answers. So an answer need not have a word of the question.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/quintet-ai/quintet/internal/terminal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "knowledgegraph:", err)
		os.Exit(1)
	}
}

// command is what the flags say.
type command struct {
	folder, page, model, question string
	answers, nodes                int
}

func parse(args []string, help io.Writer) (c command, err error) {
	flags := flag.NewFlagSet("knowledgegraph", flag.ContinueOnError)
	flags.SetOutput(help)
	flags.StringVar(&c.page, "page", "", "file to which to write a page with the graph, such as graph.html")
	flags.StringVar(&c.model, "model", "", "directory of a model for names: model.onnx, config.json and tokenizer.json")
	flags.StringVar(&c.question, "q", "", "what to answer")
	flags.IntVar(&c.answers, "n", 5, "how many answers to print")
	flags.IntVar(&c.nodes, "nodes", 120, "how many names and terms to show on the page")
	flags.Usage = func() {
		fmt.Fprintln(help, "usage: knowledgegraph [flags] folder")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if flags.NArg() != 1 {
		return c, fmt.Errorf("want one argument, the folder, got %d", flags.NArg())
	}
	if c.answers < 1 || c.nodes < 1 {
		return c, fmt.Errorf("-n is %d, -nodes %d, want 1 or more", c.answers, c.nodes)
	}
	c.folder = flags.Arg(0)
	return c, nil
}

func run(ctx context.Context, args []string, out, messages io.Writer) (err error) {
	c, err := parse(args, messages)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	find, done, err := finder(c.model)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	l, err := read(ctx, os.DirFS(c.folder), find, terminal.NewBar(messages))
	if err != nil {
		return err
	}
	m, err := l.draw(ctx, c.nodes)
	if err != nil {
		return err
	}
	fmt.Fprintf(messages, "%d files, %d left out; %d names and terms in %d communities\n",
		l.entities.Len(), l.leftOut, m.Entities, len(m.Communities))
	if c.question != "" {
		answers, err := l.answer(ctx, c.question, c.answers)
		if err != nil {
			return err
		}
		m.Question, m.Answers = c.question, answers
		printAnswers(out, answers)
	} else {
		printCommunities(out, m.Communities)
	}
	if c.page == "" {
		return nil
	}
	return m.write(c.page)
}

func printAnswers(out io.Writer, answers []answer) {
	if len(answers) == 0 {
		fmt.Fprintln(out, "nothing found")
	}
	for _, a := range answers {
		fmt.Fprintf(out, "%.2f  %s, line %d\n      %s\n", a.Score, a.Path, a.Line, a.Text)
	}
}

func printCommunities(out io.Writer, all []community) {
	for i, c := range all {
		fmt.Fprintf(out, "%d  %d members: %s\n", i+1, c.Size, strings.Join(c.Top, ", "))
	}
}
