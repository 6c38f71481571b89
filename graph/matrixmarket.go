package graph

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/quintet-ai/quintet"
)

// MatrixMarketOptions configures [ReadMatrixMarket].
type MatrixMarketOptions struct {
	// Unweighted gives every edge the weight 1, whatever the file says.
	Unweighted bool

	// MaxNodes limits the rows, for which the file may hold nothing but their
	// number. Default: 2^20, or 16 times the entries if that is more.
	MaxNodes int

	// MaxEdges limits the entries. Default: 2^31-1.
	MaxEdges int
}

// matrixLine limits the bytes of a line: the format sets 1024.
const matrixLine = 1 << 12

// ReadMatrixMarket reads a square sparse matrix in coordinates: row i and column
// i are node i-1, and an entry is an edge with its value as weight, 1 in a
// pattern. A general matrix is a directed graph; a symmetric one, which has
// entries in its lower triangle only, is an undirected graph. Entries of one place
// add up.
//
// Arrays, complex values and other symmetries are refused with
// [quintet.ErrUnsupported]; errors are a [*ReadError]. Memory grows with the
// entries that are read, not with what the header says.
//
// Boisvert, Pozo and Remington, The Matrix Market Exchange Formats, NISTIR 5935,
// 1996.
func ReadMatrixMarket(ctx context.Context, r io.Reader, o MatrixMarketOptions) (*Graph[int], error) {
	if o.MaxNodes < 0 || o.MaxEdges < 0 {
		return nil, fmt.Errorf("graph: negative limit: %w", quintet.ErrOption)
	}
	if o.MaxEdges == 0 {
		o.MaxEdges = math.MaxInt32
	}
	m := &matrix{o: o, in: newInput(r, matrixLine)}
	m.in.line = 0
	if err := m.read(ctx); err != nil {
		return nil, &ReadError{Format: "MatrixMarket", Line: max(m.in.line, 1), Err: err}
	}
	return m.graph(ctx)
}

// matrix is a file that is read.
type matrix struct {
	o                  MatrixMarketOptions
	in                 *input
	line               []byte
	pattern, symmetric bool
	nodes, entries     int
	from, to           []int32
	w                  []float32 // nil for a pattern
}

func (m *matrix) read(ctx context.Context) error {
	if err := m.header(); err != nil {
		return err
	}
	for i := range m.entries {
		if i%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		fields, err := m.fields()
		if err != nil {
			return err
		}
		if err := m.entry(fields); err != nil {
			return err
		}
	}
	limit := m.o.MaxNodes
	if limit == 0 {
		limit = max(1<<20, 16*m.entries)
	}
	if m.nodes > limit {
		return fmt.Errorf("%d rows, limit %d: %w", m.nodes, limit, quintet.ErrInput)
	}
	fields, err := m.fields()
	switch {
	case err == nil:
		return fmt.Errorf("%.64q after %d entries: %w", fields, m.entries, quintet.ErrInput)
	case errors.Is(err, io.ErrUnexpectedEOF) && errors.Is(err, quintet.ErrInput):
		return nil
	}
	return err
}

// short is the end of the file where a line is wanted.
func short() error {
	return fmt.Errorf("the file ends too soon: %w: %w", io.ErrUnexpectedEOF, quintet.ErrInput)
}

// fields returns the fields of the next line that is neither empty nor a comment.
func (m *matrix) fields() ([]string, error) {
	for {
		var err error
		if m.line, err = m.in.text(); err != nil {
			if err == io.EOF {
				err = short()
			}
			return nil, err
		}
		fields := strings.Fields(string(m.line))
		if len(fields) > 0 && fields[0][0] != '%' {
			return fields, nil
		}
	}
}

func (m *matrix) header() (err error) {
	if m.line, err = m.in.text(); err == io.EOF {
		return short()
	} else if err != nil {
		return err
	}
	f := strings.Fields(strings.ToLower(string(m.line)))
	if len(f) != 5 || f[0] != "%%matrixmarket" || f[1] != "matrix" {
		return fmt.Errorf("%.64q is no header of a matrix: %w", m.line, quintet.ErrInput)
	}
	kinds := map[string]bool{"pattern": true, "real": true, "integer": true}
	if f[2] != "coordinate" || !kinds[f[3]] || f[4] != "general" && f[4] != "symmetric" {
		return fmt.Errorf("a matrix of the kind %.64q: %w", f[2:], quintet.ErrUnsupported)
	}
	m.pattern, m.symmetric = f[3] == "pattern", f[4] == "symmetric"
	sizes, err := m.fields()
	if err != nil {
		return err
	}
	if len(sizes) != 3 || sizes[0] != sizes[1] {
		return fmt.Errorf("%.64q is no size of a square matrix: %w", sizes, quintet.ErrInput)
	}
	if m.nodes, err = within(sizes[0], 0, math.MaxInt32); err == nil {
		m.entries, err = within(sizes[2], 0, m.o.MaxEdges)
	}
	return err
}

// within reads a whole number in [lo, hi].
func within(s string, lo, hi int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < lo || n > hi {
		return 0, fmt.Errorf("%.64q is no number from %d to %d: %w", s, lo, hi, quintet.ErrInput)
	}
	return n, nil
}

func (m *matrix) entry(f []string) error {
	want := 3
	if m.pattern {
		want = 2
	}
	if len(f) != want {
		return fmt.Errorf("an entry with %d fields: %w", len(f), quintet.ErrInput)
	}
	u, err := within(f[0], 1, m.nodes)
	if err != nil {
		return err
	}
	v, err := within(f[1], 1, m.nodes)
	if err != nil {
		return err
	}
	if m.symmetric && u < v {
		return fmt.Errorf("entry %d, %d is above the diagonal of a symmetric matrix: %w", u, v, quintet.ErrInput)
	}
	m.from, m.to = append(m.from, int32(u-1)), append(m.to, int32(v-1))
	if m.pattern || m.o.Unweighted {
		return nil
	}
	w, err := parseWeight(f[2])
	m.w = append(m.w, w)
	return err
}

func (m *matrix) graph(ctx context.Context) (*Graph[int], error) {
	b := NewBuilder[int](BuilderOptions{Directed: !m.symmetric, Unweighted: m.o.Unweighted})
	for u := range m.nodes {
		if u%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		b.AddNode(u)
	}
	b.from, b.to, b.weights = m.from, m.to, m.w
	return b.Build()
}

// WriteMatrixMarket writes the adjacency matrix of a graph by node index, in
// general form if the graph is directed and else in symmetric form; the values
// are real if the graph has weights. Keys are lost.
func WriteMatrixMarket[K comparable](w io.Writer, g *Graph[K]) error {
	if g == nil {
		return fmt.Errorf("graph: nil graph: %w", quintet.ErrInput)
	}
	values, shape := "pattern", "symmetric"
	if g.Weighted() {
		values = "real"
	}
	if g.Directed() {
		shape = "general"
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%%%%MatrixMarket matrix coordinate %s %s\n", values, shape)
	fmt.Fprintf(out, "%d %d %d\n", g.Order(), g.Order(), g.Size())
	for a := range g.CSR().edges() {
		u, v := a.u+1, a.v+1
		if !g.Directed() {
			u, v = v, u // the lower triangle
		}
		fmt.Fprintf(out, "%d %d", u, v)
		if g.Weighted() {
			out.WriteString(" " + weightText(a.w))
		}
		if _, err := out.WriteString("\n"); err != nil {
			return err
		}
	}
	return out.Flush()
}
