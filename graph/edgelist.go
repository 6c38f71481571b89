package graph

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// EdgeListOptions configures [ReadEdgeList] and [WriteEdgeList]. The zero value
// is lines of two nodes and perhaps a weight with white space between them.
type EdgeListOptions struct {
	// Comma is the ASCII byte between two fields, such as ',' or '\t', whose
	// fields may be in double quotes as in CSV; no letter, digit or sign of a
	// number. Default: any number of blanks and
	// tabs, and no quotes.
	Comma byte

	// Comment begins a line that is left out; with Header it does not begin with
	// an f, as the header "from" does. Default: "#".
	Comment string

	// Header is whether the first line that is no comment has names of columns.
	Header bool

	// Unweighted reads no third field and writes none. Default: a third field
	// is the weight, 1 if it is absent or empty; further fields are left out.
	Unweighted bool

	// MaxLine limits the bytes of a line. Default: 1 MiB.
	MaxLine int

	// MaxEdges limits the edges that are read. Default: 2^31-1.
	MaxEdges int
}

func (o EdgeListOptions) withDefaults() (EdgeListOptions, error) {
	switch {
	case o.MaxLine < 0:
		return o, fmt.Errorf("graph: MaxLine is %d: %w", o.MaxLine, quintet.ErrOption)
	case o.MaxEdges < 0:
		return o, fmt.Errorf("graph: MaxEdges is %d: %w", o.MaxEdges, quintet.ErrOption)
	case o.Comma >= utf8.RuneSelf || o.Comma != 0 && (strings.IndexByte("\"\r\n.+-", o.Comma) >= 0 ||
		unicode.IsLetter(rune(o.Comma)) || unicode.IsDigit(rune(o.Comma))):
		return o, fmt.Errorf("graph: Comma is %q: %w", o.Comma, quintet.ErrOption)
	case strings.ContainsAny(o.Comment, "\r\n") || o.Header && strings.HasPrefix(o.Comment, "f"):
		return o, fmt.Errorf("graph: Comment is %.64q: %w", o.Comment, quintet.ErrOption)
	}
	if o.Comment == "" {
		o.Comment = "#"
	}
	if o.MaxLine == 0 {
		o.MaxLine = 1 << 20
	}
	if o.MaxEdges == 0 {
		o.MaxEdges = math.MaxInt32
	}
	return o, nil
}

// ReadEdgeList yields the edges of a text, one a line; empty lines are left out.
// A line that is no edge, is too long or is one too many ends it with a
// [*ReadError]. It holds one line at a time and reads r only while it is ranged
// over, once.
func ReadEdgeList[K FileKey](r io.Reader, o EdgeListOptions) EdgeSource[K] {
	return func(yield func(Edge[K], error) bool) {
		o, err := o.withDefaults()
		if err != nil {
			yield(Edge[K]{}, err)
			return
		}
		in := newInput(r, o.MaxLine)
		in.line = 0
		if err := edgeLines(in, o, yield); err != nil && err != io.EOF {
			yield(Edge[K]{}, &ReadError{Format: "edge list", Line: max(in.line, 1), Err: err})
		}
	}
}

// edgeLines yields edges until a line is bad, the text ends or yield has enough;
// it returns why, nil for the last.
func edgeLines[K FileKey](in *input, o EdgeListOptions, yield func(Edge[K], error) bool) error {
	header := o.Header
	bare := o.Comment[0] < '0' || o.Comment[0] > '9'
	for n := 0; ; {
		line, err := in.text()
		if err != nil {
			return err
		}
		if bare && !header && n < o.MaxEdges {
			if e, ok := twoNumbers[K](line, o.Comma); ok {
				if n++; !yield(e, nil) {
					return nil
				}
				continue
			}
		}
		switch {
		case len(bytes.TrimSpace(line)) == 0 || bytes.HasPrefix(line, []byte(o.Comment)):
			continue
		case header:
			header = false
			continue
		case n == o.MaxEdges:
			return fmt.Errorf("more than %d edges: %w", n, quintet.ErrInput)
		}
		e, err := parseEdge[K](line, o)
		if err != nil {
			return err
		}
		if n++; !yield(e, nil) {
			return nil
		}
	}
}

// twoNumbers reads a line that is nothing but two nodes in plain digits, the most
// frequent one; what it does not read is left to parseEdge.
func twoNumbers[K FileKey](line []byte, comma byte) (e Edge[K], ok bool) {
	p, isInt := any(&e).(*Edge[int])
	if !isInt {
		q, isInt64 := any(&e).(*Edge[int64])
		if !isInt64 {
			return e, false
		}
		u, v, ok := twoNumerals(line, comma)
		q.From, q.To, q.Weight = u, v, 1
		return e, ok
	}
	u, v, ok := twoNumerals(line, comma)
	p.From, p.To, p.Weight = int(u), int(v), 1
	return e, ok && int64(p.From) == u && int64(p.To) == v
}

func twoNumerals(line []byte, comma byte) (u, v int64, ok bool) {
	u, i := numeral(line)
	if i == 0 || i == len(line) {
		return 0, 0, false
	}
	switch c := line[i]; {
	case comma == 0 && (c == ' ' || c == '\t'), comma != 0 && c == comma:
	default:
		return 0, 0, false
	}
	v, j := numeral(line[i+1:])
	return u, v, j > 0 && i+1+j == len(line)
}

// numeral reads the number in front of a line and returns where it ends, 0 if there
// is none that surely fits.
func numeral(line []byte) (n int64, end int) {
	for i, c := range line[:min(len(line), 19)] {
		d := c - '0'
		if d > 9 {
			return n, i
		}
		n = 10*n + int64(d)
	}
	if len(line) >= 19 {
		return 0, 0
	}
	return n, len(line)
}

func parseEdge[K FileKey](line []byte, o EdgeListOptions) (e Edge[K], err error) {
	var fields [3][]byte
	n := 0
	for more := true; more && n < len(fields); n++ {
		if o.Comma == 0 {
			line = bytes.TrimLeft(line, " \t")
			if more = len(line) > 0; !more {
				break
			}
			end := bytes.IndexAny(line, " \t")
			if end < 0 {
				end = len(line)
			}
			fields[n], line = line[:end], line[end:]
		} else if fields[n], line, more, err = cutField(line, o.Comma); err != nil {
			return e, err
		}
	}
	if n < 2 {
		return e, fmt.Errorf("an edge has two fields, the line %d: %w", n, quintet.ErrInput)
	}
	if e.From, err = parseKey[K](string(fields[0])); err != nil {
		return e, err
	}
	if e.To, err = parseKey[K](string(fields[1])); err != nil {
		return e, err
	}
	e.Weight = 1
	if len(fields[2]) > 0 && !o.Unweighted {
		e.Weight, err = parseWeight(string(fields[2]))
	}
	return e, err
}

// cutField splits a line after its first field, and reports whether a field
// follows. In quotes, "" is a quote.
func cutField(line []byte, comma byte) (field, rest []byte, more bool, err error) {
	if len(line) == 0 || line[0] != '"' {
		field, rest, more = bytes.Cut(line, []byte{comma})
		return field, rest, more, nil
	}
	for i := 1; i < len(line); i++ {
		switch {
		case line[i] != '"':
			field = append(field, line[i])
		case i+1 < len(line) && line[i+1] == '"':
			field = append(field, '"')
			i++
		case i+1 == len(line):
			return field, nil, false, nil
		case line[i+1] == comma:
			return field, line[i+2:], true, nil
		default:
			return nil, nil, false, fmt.Errorf("text after the closing quote of a field: %w", quintet.ErrInput)
		}
	}
	return nil, nil, false, fmt.Errorf("a quoted field does not end on its line: %w", quintet.ErrInput)
}

// WriteEdgeList writes the edges of a graph in the order of [Graph.Edges], with
// weights if the graph has some. [ReadEdgeList] with the same options reads the
// same edges; nodes without edges are lost. A key that a line cannot hold, such
// as one with a line end, is refused with [quintet.ErrInput].
func WriteEdgeList[K FileKey](w io.Writer, g *Graph[K], o EdgeListOptions) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	if g == nil {
		return fmt.Errorf("graph: nil graph: %w", quintet.ErrInput)
	}
	out := bufio.NewWriter(w)
	weighted := g.Weighted() && !o.Unweighted
	if o.Header {
		names := []string{"from", "to", "weight"}
		if !weighted {
			names = names[:2]
		}
		out.WriteString(strings.Join(names, separator(o)) + "\n")
	}
	for e := range g.Edges() {
		line, err := edgeLine(e, weighted, o)
		if err != nil {
			return err
		}
		out.WriteString(line)
		if _, err := out.WriteString("\n"); err != nil {
			return err
		}
	}
	return out.Flush()
}

func separator(o EdgeListOptions) string {
	if o.Comma == 0 {
		return " "
	}
	return string(rune(o.Comma))
}

func edgeLine[K FileKey](e Edge[K], weighted bool, o EdgeListOptions) (string, error) {
	from, err := field(keyText(e.From), o)
	if err != nil {
		return "", err
	}
	to, err := field(keyText(e.To), o)
	if err != nil {
		return "", err
	}
	line := from + separator(o) + to
	if weighted {
		line += separator(o) + weightText(e.Weight)
	}
	if strings.HasPrefix(line, o.Comment) || len(strings.TrimSpace(line)) == 0 || len(line) >= o.MaxLine {
		return "", fmt.Errorf("graph: the edge %s does not fit a line: %w", arrow(e.From, e.To), quintet.ErrInput)
	}
	return line, nil
}

// field returns a key as a field, in quotes where needed.
func field(key string, o EdgeListOptions) (string, error) {
	switch {
	case strings.ContainsAny(key, "\r\n") || o.Comma == 0 && (key == "" || strings.ContainsAny(key, " \t")):
		return "", fmt.Errorf("graph: node %s does not fit a field: %w", show(key), quintet.ErrInput)
	case o.Comma != 0 && (strings.HasPrefix(key, o.Comment) || strings.TrimSpace(key) == "" ||
		strings.Contains(key, "\"") || strings.IndexByte(key, o.Comma) >= 0):
		return `"` + strings.ReplaceAll(key, `"`, `""`) + `"`, nil
	}
	return key, nil
}
