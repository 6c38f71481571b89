package text

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/quintet-ai/quintet"
)

// classifierMagic begins the file of a classifier; its last byte is the version.
const classifierMagic = "QXTRAIN\x01"

// WriteTo writes the classifier, for [ReadLinearClassifier], in blocks with checksums
// (CRC-32C): the longest runs, the labels, the bias, and for each feature the distance
// of its hash from the one before and its weights as float32. It has about 2 bytes for
// a feature and 4 for each of its labels.
func (c *LinearClassifier) WriteTo(w io.Writer) (n int64, err error) {
	b := newBlockWriter(w, classifierMagic)
	b.uint(uint64(c.words))
	b.uint(uint64(c.characters))
	b.uint(uint64(len(c.labels)))
	for _, label := range c.labels {
		b.string(label)
	}
	b.floats(c.bias)
	before, k := uint32(0), len(c.labels)
	for i, hash := range slices.Sorted(maps.Keys(c.rows)) {
		b.uint(uint64(hash - before))
		b.floats(c.weights[i*k : (i+1)*k])
		before = hash
	}
	return b.close()
}

// ReadLinearClassifier returns the classifier that [LinearClassifier.WriteTo] wrote. It
// reads no further than the end of what was written. Bytes that are not a classifier
// of this version, are cut off or have a wrong checksum are an error wrapping
// [quintet.ErrModel]; memory is taken as bytes arrive, whatever sizes they claim. Other
// errors are those of r.
func ReadLinearClassifier(r io.Reader) (*LinearClassifier, error) {
	b, err := newBlockReader(r, classifierMagic, quintet.ErrModel)
	if err != nil {
		return nil, fmt.Errorf("text: classifier: %w", err)
	}
	c := &LinearClassifier{rows: map[uint32]int32{}}
	if err = c.readHead(b); err == nil {
		err = c.readRows(b)
	}
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("the file is cut off: %w", quintet.ErrModel)
	}
	if err != nil {
		return nil, fmt.Errorf("text: classifier: %w", err)
	}
	return c, nil
}

func (c *LinearClassifier) readHead(b *blockReader) error {
	var head [3]uint64
	for i := range head {
		var err error
		if head[i], err = b.uint(); err != nil {
			return err
		}
	}
	if head[0] < 1 || head[0] > maxWordRun || head[1] > maxCharacterRun || head[2] < 2 || head[2] > maxWeights {
		return fmt.Errorf("runs of %d words and %d characters, %d labels: %w", head[0], head[1], head[2], b.cause)
	}
	c.words, c.characters = int(head[0]), int(head[1])
	for n := range int(head[2]) {
		label, err := b.string(maxLabelBytes)
		switch {
		case err != nil:
			return err
		case label == "" || n > 0 && label <= c.labels[n-1]:
			return fmt.Errorf("label %q is out of order: %w", label, b.cause)
		}
		c.labels = append(c.labels, label)
	}
	var err error
	c.bias, err = b.floats(nil, len(c.labels))
	return err
}

// readRows reads features up to the end.
func (c *LinearClassifier) readRows(b *blockReader) error {
	for before := uint64(0); ; {
		step, err := b.uint()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case step > math.MaxUint32-before || step == 0 && len(c.rows) > 0:
			return fmt.Errorf("feature %d is out of order: %w", len(c.rows), b.cause)
		case len(c.weights)+len(c.labels) > maxWeights:
			return fmt.Errorf("more than %d weights: %w", maxWeights, b.cause)
		}
		before += step
		c.rows[uint32(before)] = int32(len(c.rows))
		if c.weights, err = b.floats(c.weights, len(c.labels)); err != nil {
			return err
		}
	}
}

// floats writes numbers.
func (b *blockWriter) floats(x []float32) {
	var buf [4]byte
	for _, v := range x {
		binary.LittleEndian.PutUint32(buf[:], math.Float32bits(v))
		b.Write(buf[:])
	}
}

// floats appends n numbers to dst.
func (b *blockReader) floats(dst []float32, n int) ([]float32, error) {
	var buf [4]byte
	for range n {
		if _, err := io.ReadFull(b, buf[:]); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = fmt.Errorf("numbers are cut off: %w", b.cause)
			}
			return dst, err
		}
		x := math.Float32frombits(binary.LittleEndian.Uint32(buf[:]))
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return dst, fmt.Errorf("a weight is %v: %w", x, b.cause)
		}
		dst = append(dst, x)
	}
	return dst, nil
}
