package jpeg

import (
	"context"
	"fmt"

	"github.com/quintet-ai/quintet"
)

// Options says how to decode. The zero value decodes all.
type Options struct {
	// Scale divides the size: 1, 2, 4 or 8. Default: 1.
	Scale int
}

// Plane holds the samples of a component, row by row.
type Plane struct {
	Pix           []uint8
	Stride        int // from one row to the next
	Width, Height int // of the part that the picture covers
	H, V          int // sampling factors
}

// Picture is decoded, at the scale of the options: its size is rounded up.
type Picture struct {
	Width, Height int
	Planes        []Plane // by component
}

// decoder is a file on its way.
type decoder struct {
	Segments
	scale int // pixels of a block's side that are left: 8, 4, 2 or 1

	steps    [4][64]int32  // quantization tables, in the order of the file
	tables   [2][4]huffman // DC and AC
	interval int           // MCUs between restarts, 0 for none

	frame        Frame
	h, v         int // largest sampling factors
	across, down int // MCUs
	components   []component
}

// component is a plane on its way.
type component struct {
	Component
	across, down int // blocks that the picture covers
	stride, rows int // blocks in memory: whole MCUs
	pix          []uint8
	coefficients [][64]int16 // of progressive files
}

// Decode decodes a whole file in memory. Data that is no JPEG, or a broken one, is
// [quintet.ErrInput], a coding that is not read [quintet.ErrUnsupported]; ctx is
// looked at between rows of blocks.
func Decode(ctx context.Context, data []byte, o Options) (*Picture, error) {
	if o.Scale == 0 {
		o.Scale = 1
	}
	if o.Scale != 1 && o.Scale != 2 && o.Scale != 4 && o.Scale != 8 {
		return nil, fmt.Errorf("jpeg: scale %d: %w", o.Scale, quintet.ErrOption)
	}
	if len(data) < 2 || data[0] != 0xff || data[1] != SOI {
		return nil, bad("no start marker")
	}
	d := &decoder{Segments: Segments{data, 2}, scale: 8 / o.Scale}
	if err := d.run(ctx); err != nil {
		return nil, err
	}
	if d.frame.Progressive {
		if err := d.transform(ctx); err != nil {
			return nil, err
		}
	}
	return d.picture(o.Scale), nil
}

// run reads all segments.
func (d *decoder) run(ctx context.Context) error {
	scans := 0
	for {
		marker, body, err := d.Next()
		if err != nil {
			return err
		}
		switch {
		case marker == EOI && scans == 0:
			return bad("no scan")
		case marker == EOI:
			return nil
		case marker == DQT:
			err = d.quantization(body)
		case marker == DHT:
			err = d.huffmanTables(body)
		case IsFrame(marker):
			err = d.begin(marker, body)
		case marker == DRI && len(body) != 2:
			err = bad("restart interval of %d bytes", len(body))
		case marker == DRI:
			d.interval = int(body[0])<<8 | int(body[1])
		case marker == SOS:
			scans++
			err = d.scan(ctx, body)
		}
		if err != nil {
			return err
		}
	}
}

// begin reads the frame header and makes the planes, and the coefficients that a
// progressive file needs.
func (d *decoder) begin(marker byte, body []byte) (err error) {
	if d.components != nil {
		return bad("two frames")
	}
	if d.frame, err = ParseFrame(marker, body); err != nil {
		return err
	}
	d.h, d.v = d.frame.Sampling()
	d.across, d.down = divUp(d.frame.Width, 8*d.h), divUp(d.frame.Height, 8*d.v)
	for _, of := range d.frame.Components {
		c := component{Component: of, stride: d.across * of.H, rows: d.down * of.V}
		w, h := d.size(of)
		c.across, c.down = divUp(w, 8), divUp(h, 8)
		c.pix = make([]uint8, c.stride*c.rows*d.scale*d.scale)
		if d.frame.Progressive {
			c.coefficients = make([][64]int16, c.stride*c.rows)
		}
		d.components = append(d.components, c)
	}
	return nil
}

// size returns how many samples of a component the picture covers.
func (d *decoder) size(c Component) (w, h int) {
	return divUp(d.frame.Width*c.H, d.h), divUp(d.frame.Height*c.V, d.v)
}

func (d *decoder) picture(scale int) *Picture {
	p := &Picture{Width: divUp(d.frame.Width, scale), Height: divUp(d.frame.Height, scale)}
	for _, c := range d.components {
		w, h := d.size(c.Component)
		p.Planes = append(p.Planes, Plane{
			Pix: c.pix, Stride: c.stride * d.scale, Width: divUp(w, scale), Height: divUp(h, scale), H: c.H, V: c.V,
		})
	}
	return p
}

func divUp(a, b int) int { return (a + b - 1) / b }
