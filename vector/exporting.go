package vector

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/quintet-ai/quintet"
)

// exporter writes a file and tells how far it is.
type exporter struct {
	*bufio.Writer
	progress func(Progress)
	p        Progress
	dim      int // of the first vector
}

func newExporter(w io.Writer, progress func(Progress)) *exporter {
	ex := &exporter{progress: progress}
	ex.Writer = bufio.NewWriterSize(&counter{w: w, n: &ex.p.Bytes}, 1<<16)
	return ex
}

// wrote notes an item.
func (ex *exporter) wrote() error {
	if ex.p.Items++; ex.p.Items%batchItems == 0 {
		return ex.report()
	}
	return nil
}

func (ex *exporter) report() error {
	err := ex.Flush()
	if err == nil && ex.progress != nil {
		ex.progress(ex.p)
	}
	return err
}

func (ex *exporter) finish() error {
	if ex.p.Items > 0 && ex.p.Items%batchItems == 0 {
		return ex.Flush()
	}
	return ex.report()
}

// floats writes a vector, which has the dimension of those before.
func (ex *exporter) floats(v []float32) error {
	if ex.p.Items == 0 {
		ex.dim = len(v)
	}
	if len(v) != ex.dim {
		return fmt.Errorf("vector has %d floats, the first has %d: %w", len(v), ex.dim, quintet.ErrInput)
	}
	var b [4]byte
	for _, x := range v {
		binary.LittleEndian.PutUint32(b[:], math.Float32bits(x))
		if _, err := ex.Write(b[:]); err != nil {
			return err
		}
	}
	return ex.wrote()
}

type counter struct {
	w io.Writer
	n *int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	*c.n += int64(n)
	return n, err
}
