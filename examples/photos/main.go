// Command photos looks through a folder of photographs: how good each is, where faces
// are, and which are the same picture twice. With models of the caller's it tells what
// else there is, and what is written.
//
//	go run ./examples/photos ./holiday
//	go run ./examples/photos -sheet sheet.png ./holiday
//	go run ./examples/photos -json -gps ./holiday
//	go run ./examples/photos -objects detector.onnx -text ./ocr-models ./holiday
//
// The sheet is a contact sheet: every picture with its name and its quality, frames around
// its faces in green, objects in blue, lines of text in orange; pictures that look alike
// have frames of one colour, the best of them a star.
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
	"time"

	"github.com/quintet-ai/quintet/internal/terminal"
	"github.com/quintet-ai/quintet/vision"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "photos:", err)
		os.Exit(1)
	}
}

// command is what the flags say.
type command struct {
	folder, sheet    string
	objects, text    string
	distance         int
	json, gps, tiles bool
}

func parse(args []string, help io.Writer) (c command, err error) {
	flags := flag.NewFlagSet("photos", flag.ContinueOnError)
	flags.SetOutput(help)
	flags.StringVar(&c.sheet, "sheet", "", "file to which to write a contact sheet, a PNG")
	flags.StringVar(&c.objects, "objects", "", "ONNX file of a detector of objects, such as YOLOX, DETR or CenterNet")
	flags.StringVar(&c.text, "text", "", "folder of the models of PP-OCR; English is read")
	flags.IntVar(&c.distance, "distance", 8, "in how many bits of 64 the hashes of one picture may differ")
	flags.BoolVar(&c.json, "json", false, "print JSON")
	flags.BoolVar(&c.gps, "gps", false, "with -json, tell where pictures were taken")
	flags.BoolVar(&c.tiles, "crowds", false, "look for the small faces of crowds too, which takes longer")
	flags.Usage = func() {
		fmt.Fprintln(help, "usage: photos [flags] folder")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if flags.NArg() != 1 {
		return c, fmt.Errorf("want one argument, the folder, got %d", flags.NArg())
	}
	if c.distance < 0 || c.distance > 64 {
		return c, fmt.Errorf("-distance is %d, want 0 to 64", c.distance)
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
	m, err := openModels(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	p, err := vision.New(m.options(c))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()

	folder := os.DirFS(c.folder)
	a, err := look(ctx, p, folder, terminal.NewBar(messages))
	if err != nil {
		return err
	}
	if err := a.findDuplicates(c.distance); err != nil {
		return err
	}
	if c.sheet != "" {
		if err := a.writeSheet(ctx, c.sheet, folder, terminal.NewBar(messages)); err != nil {
			return err
		}
	}
	if c.json {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(a)
	}
	return a.print(out)
}

// print writes a line for each photograph, then what is there twice.
func (a *album) print(out io.Writer) error {
	var b strings.Builder
	for _, r := range a.Photos {
		p := r.Properties
		fmt.Fprintf(&b, "%-32s %-4s %5d x %-5d quality %.2f", r.ID, p.Format, p.Width, p.Height, p.Quality)
		if p.Blank {
			b.WriteString("  blank")
		}
		if len(r.Faces) > 0 {
			fmt.Fprintf(&b, "  faces %d", len(r.Faces))
		}
		if len(r.Objects) > 0 {
			fmt.Fprintf(&b, "  %s", things(r.Objects))
		}
		if t := r.Text.Text; t != "" {
			fmt.Fprintf(&b, "  %q", short(strings.ReplaceAll(t, "\n", " "), 60))
		}
		if x := p.EXIF; !x.Taken.IsZero() {
			fmt.Fprintf(&b, "  %s %s", x.Taken.Format(time.DateOnly), x.Model)
		}
		b.WriteString("\n")
	}
	for _, d := range a.Duplicates {
		fmt.Fprintf(&b, "alike: %s; the best is %s\n", strings.Join(d.Paths, ", "), d.Best)
	}
	for _, l := range a.LeftOut {
		fmt.Fprintf(&b, "left out: %s: %s\n", l.Path, l.Reason)
	}
	fmt.Fprintf(&b, "%d photographs, %d faces, %d groups alike, %d files left out\n",
		len(a.Photos), a.faces(), len(a.Duplicates), len(a.LeftOut))
	_, err := io.WriteString(out, b.String())
	return err
}
