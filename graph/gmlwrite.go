package graph

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// gmlUnescape replaces entities by what they stand for; others stay.
func gmlUnescape(s string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, "&")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, ";")
		n, err := strconv.ParseUint(strings.TrimPrefix(name, "#"), 10, 32)
		switch {
		case !closed:
			out.WriteString("&" + rest)
			return out.String()
		case strings.HasPrefix(name, "#") && err == nil && n <= utf8.MaxRune && utf8.ValidRune(rune(n)):
			out.WriteRune(rune(n))
		default:
			if len(name) > 32 || strings.ContainsAny(name, "& ") {
				out.WriteByte('&')
				s = rest
				continue
			}
			out.WriteString(html.UnescapeString("&" + name + ";"))
		}
		s = after
	}
}

// WriteGML writes a graph with all its nodes, by index, which is their id, and with
// their keys as labels, and its weights, if it has some. It is ASCII with entities.
// [ReadGML] reads the same graph, with Multi if edges are parallel; so do NetworkX
// and igraph. A key that is not UTF-8 is refused with [quintet.ErrInput].
func WriteGML[K FileKey](w io.Writer, g *Graph[K]) error {
	if g == nil {
		return fmt.Errorf("graph: nil graph: %w", quintet.ErrInput)
	}
	names, err := namesOf(g, func(k K) (string, error) { return gmlText(keyText(k)) })
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	out.WriteString("graph [\n")
	if g.Directed() {
		out.WriteString("  directed 1\n")
	}
	if g.CSR().repeated() {
		out.WriteString("  multigraph 1\n")
	}
	for i, name := range names {
		fmt.Fprintf(out, "  node [ id %d label \"%s\" ]\n", i, name)
	}
	for a := range g.CSR().edges() {
		fmt.Fprintf(out, "  edge [ source %d target %d", a.u, a.v)
		if g.Weighted() {
			out.WriteString(" " + "weight " + gmlReal(a.w))
		}
		if _, err := out.WriteString(" ]\n"); err != nil {
			return err
		}
	}
	out.WriteString("]\n")
	return out.Flush()
}

// gmlReal returns a weight with the point that the format asks of a real number.
func gmlReal(w float32) string {
	text := weightText(w)
	if strings.Contains(text, ".") {
		return text
	}
	if mantissa, exponent, ok := strings.Cut(text, "e"); ok {
		return mantissa + ".0e" + exponent
	}
	return text + ".0"
}

// gmlText returns a key as a string without its quotes.
func gmlText(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", fmt.Errorf("graph: node %s is not UTF-8: %w", show(s), quintet.ErrInput)
	}
	var out strings.Builder
	for _, c := range s {
		if c < ' ' || c > '~' || c == '"' || c == '&' {
			fmt.Fprintf(&out, "&#%d;", c)
		} else {
			out.WriteRune(c)
		}
	}
	return out.String(), nil
}
