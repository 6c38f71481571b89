package picture

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"strconv"

	"github.com/quintet-ai/quintet/graph"
)

// WriteSVG draws a graph with a layout of it as an SVG document without scripts,
// links and fonts, which may stand in an HTML page as it is. Labels and title are
// escaped; each node shows its label when it is pointed at, also one for which there
// was no room. It writes nothing if it returns [quintet.ErrOption] for an option out
// of range or [quintet.ErrInput] for a nil graph or layout, numbers of points, groups
// or scores that do not fit the graph, or some that are not finite. It takes
// O(E·log E + V·log V) time, and O(V) for each label.
func WriteSVG[K comparable](w io.Writer, g *graph.Graph[K], l *graph.Layout[K], o Options[K]) error {
	s, err := newScene(g, l, o)
	if err != nil {
		return err
	}
	out := svg{bufio.NewWriter(w)}
	out.draw(s)
	return out.Flush()
}

// svg writes elements. Its errors are those of Flush.
type svg struct{ *bufio.Writer }

func (v svg) draw(s *scene) {
	fmt.Fprintf(v, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img"`,
		s.width, s.height, s.width, s.height)
	if s.title != "" {
		v.WriteString(` aria-label="`)
		v.text(s.title)
		v.WriteString(`"`)
	}
	fmt.Fprintf(v, ">\n<rect width=\"100%%\" height=\"100%%\" fill=\"%s\"/>\n", hex(paper))
	v.WriteString("<g fill=\"none\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\n")
	for i := range s.lines {
		v.line(s.lines[i])
	}
	fmt.Fprintf(v, "</g>\n<g stroke=\"%s\" stroke-width=\"1.5\">\n", hex(paper))
	for _, d := range s.discs {
		fmt.Fprintf(v, `<circle cx="%s" cy="%s" r="%s" fill="%s">`, px(d.at.X), px(d.at.Y), px(d.radius), hex(d.color))
		if d.name != "" {
			v.WriteString("<title>")
			v.text(d.name)
			v.WriteString("</title>")
		}
		v.WriteString("</circle>\n")
	}
	fmt.Fprintf(v, "</g>\n<g font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\" fill=\"%s\" stroke=\"%s\" "+
		"stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\" pointer-events=\"none\">\n", hex(ink), hex(paper))
	for _, l := range s.labels {
		v.label(l, "")
	}
	if s.title != "" {
		v.label(label{point{X: margin, Y: margin + titleSize/2}, titleSize, s.title}, ` font-weight="bold"`)
	}
	v.WriteString("</g>\n</svg>\n")
}

func (v svg) line(l stroke) {
	head := l.arrow()
	v.WriteString(`<path d="`)
	v.path(l.points)
	fmt.Fprintf(v, `" stroke="%s" stroke-opacity="%s" stroke-width="%s"/>`+"\n", hex(l.color), opacity(l.color), px(l.width))
	if head != nil {
		v.WriteString(`<path d="`)
		v.path(head)
		fmt.Fprintf(v, `Z" fill="%s" fill-opacity="%s"/>`+"\n", hex(l.color), opacity(l.color))
	}
}

func (v svg) path(points []point) {
	for i, p := range points {
		mark := byte('L')
		if i == 0 {
			mark = 'M'
		}
		v.WriteByte(mark)
		v.WriteString(px(p.X))
		v.WriteByte(' ')
		v.WriteString(px(p.Y))
	}
}

func (v svg) label(l label, more string) {
	fmt.Fprintf(v, `<text x="%s" y="%s" font-size="%s"%s>`, px(l.at.X), px(l.at.Y), px(l.size), more)
	v.text(l.text)
	v.WriteString("</text>\n")
}

// text writes escaped text.
func (v svg) text(s string) {
	// The error is that of the writer, which Flush returns.
	_ = xml.EscapeText(v, []byte(s))
}

// px prints a length to a tenth of a pixel.
func px(x float64) string {
	s := strconv.AppendFloat(nil, x, 'f', 1, 64)
	if n := len(s); s[n-1] == '0' {
		s = s[:n-2]
	}
	if string(s) == "-0" {
		return "0"
	}
	return string(s)
}

func opacity(c color.NRGBA) string { return strconv.FormatFloat(float64(c.A)/255, 'f', 2, 64) }
