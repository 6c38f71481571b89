package report

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/quintet-ai/quintet/internal/terminal"
)

// Report is what -json prints: the machine, and the figures in the order of the
// list.
type Report struct {
	Machine Machine  `json:"machine"`
	Figures []Result `json:"figures"`
}

// Main measures the figures that the arguments select, prints the report to
// stdout and returns the exit status: 2 for bad usage, else 0, whatever the
// figures say. If stderr is a terminal it shows what is being measured.
func Main(args []string, stdout, stderr io.Writer, figures []Figure) int {
	cmd, err := parse(args, stderr, figures)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	if err := cmd.run(stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "report:", err)
		return 1
	}
	return 0
}

// command is a parsed command line.
type command struct {
	figures []Figure
	rounds  int
	json    bool
}

func parse(args []string, stderr io.Writer, figures []Figure) (command, error) {
	if err := check(figures); err != nil {
		return command{}, err
	}
	f := flag.NewFlagSet("report", flag.ContinueOnError)
	f.SetOutput(stderr)
	known := areas(figures)
	area := f.String("area", "", "measure these `areas` only: "+strings.Join(known, ","))
	figure := f.String("figure", "", "measure figures whose name matches the `regexp` only")
	rounds := f.Int("rounds", 7, "values per figure")
	asJSON := f.Bool("json", false, "print one JSON document")
	if err := f.Parse(args); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			err = fmt.Errorf("report: %w", err)
		}
		return command{}, err
	}
	pattern, err := regexp.Compile(*figure)
	switch {
	case err != nil:
		return command{}, fmt.Errorf("report: -figure: %w", err)
	case *rounds < 1:
		return command{}, fmt.Errorf("report: -rounds is %d, want at least 1", *rounds)
	case f.NArg() > 0:
		return command{}, fmt.Errorf("report: unexpected argument %q", f.Arg(0))
	}
	wanted := known
	if *area != "" {
		wanted = strings.Split(*area, ",")
	}
	for _, a := range wanted {
		if !slices.Contains(known, a) {
			return command{}, fmt.Errorf("report: no area %q, there are %s", a, strings.Join(known, ", "))
		}
	}
	c := command{rounds: *rounds, json: *asJSON}
	for _, fig := range figures {
		if slices.Contains(wanted, fig.Area()) && pattern.MatchString(fig.Name) {
			c.figures = append(c.figures, fig)
		}
	}
	if len(c.figures) == 0 {
		return command{}, fmt.Errorf("report: no figure of %s matches %q", strings.Join(wanted, ", "), *figure)
	}
	return c, nil
}

// check finds mistakes of the program that lists the figures.
func check(figures []Figure) error {
	seen := map[string]bool{}
	for _, f := range figures {
		area, rest, _ := strings.Cut(f.Name, "/")
		switch {
		case area == "" || rest == "" || strings.ContainsFunc(f.Name+f.Peer, unicode.IsSpace):
			return fmt.Errorf("report: figure %q (peer %q) is not named area/figure without spaces", f.Name, f.Peer)
		case seen[f.Name]:
			return fmt.Errorf("report: two figures are named %s", f.Name)
		case f.Measure == nil:
			return fmt.Errorf("report: figure %s has no Measure", f.Name)
		}
		seen[f.Name] = true
	}
	return nil
}

// areas returns the areas in order of first use.
func areas(figures []Figure) (names []string) {
	for _, f := range figures {
		if !slices.Contains(names, f.Area()) {
			names = append(names, f.Area())
		}
	}
	return names
}

func (c command) run(stdout, stderr io.Writer) error {
	r := Report{Machine: thisMachine()}
	t := newTable(c.figures)
	if !c.json {
		if err := t.header(stdout, r.Machine, c.rounds); err != nil {
			return err
		}
	}
	live := terminal.Is(stderr)
	for i, f := range c.figures {
		if live {
			fmt.Fprintf(stderr, "[%d/%d] %s", i+1, len(c.figures), f.Name)
		}
		res := f.measure(c.rounds)
		r.Figures = append(r.Figures, res)
		if live {
			fmt.Fprint(stderr, terminal.Clear) // the table may go to the same terminal
		}
		if !c.json {
			if err := t.line(stdout, res); err != nil {
				return err
			}
		}
	}
	if !c.json {
		return nil
	}
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}
