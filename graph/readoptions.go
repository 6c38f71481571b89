package graph

import (
	"context"
	"fmt"
	"io"
	"math"

	"github.com/quintet-ai/quintet"
)

// ReadOptions configures [ReadGraphML], [ReadGML], [ReadDOT], [ReadNodeLink] and
// [ReadCytoscape]. The zero value reads weights and makes one edge of parallel ones.
type ReadOptions struct {
	// Multi keeps parallel edges apart. Default: see [BuilderOptions].
	Multi bool

	// Unweighted gives every edge the weight 1, whatever the file says.
	Unweighted bool

	// Weight names the attribute of edges that holds weights. Default: "weight".
	Weight string

	// Labels makes the label of a node its key in DOT, which [WriteDOT] writes
	// so; labels must differ. Default: its identifier. GML takes labels where a
	// node has one; the other formats do not know this option.
	Labels bool

	// MaxToken limits the bytes of one tag, name, number or piece of text.
	// Default: 1 MiB.
	MaxToken int

	// MaxDepth limits how deep elements, objects and lists are nested. Default: 64.
	MaxDepth int

	// MaxNodes and MaxEdges limit what is read. Default: 2^31-1.
	MaxNodes, MaxEdges int
}

func (o ReadOptions) withDefaults() (ReadOptions, error) {
	if min(o.MaxToken, o.MaxDepth, o.MaxNodes, o.MaxEdges) < 0 {
		return o, fmt.Errorf("graph: negative limit: %w", quintet.ErrOption)
	}
	if o.Weight == "" {
		o.Weight = "weight"
	}
	if o.MaxToken == 0 {
		o.MaxToken = 1 << 20
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = 64
	}
	if o.MaxNodes == 0 {
		o.MaxNodes = math.MaxInt32
	}
	if o.MaxEdges == 0 {
		o.MaxEdges = math.MaxInt32
	}
	return o, nil
}

// full returns an error of the builder, or that of a limit that is passed.
func (o *ReadOptions) full(err error, nodes, edges int) error {
	switch {
	case err != nil:
		return err
	case nodes > o.MaxNodes:
		return fmt.Errorf("more than %d nodes: %w", o.MaxNodes, quintet.ErrInput)
	case edges > o.MaxEdges:
		return fmt.Errorf("more than %d edges: %w", o.MaxEdges, quintet.ErrInput)
	}
	return nil
}

// newIntake returns the builder of the graph that is read.
func newIntake[K FileKey](o ReadOptions) *Builder[K] {
	return NewBuilder[K](BuilderOptions{Multi: o.Multi, Unweighted: o.Unweighted})
}

// untilDone reads from r until ctx ends.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

// Read implements [io.Reader].
func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
