package audio

import "fmt"

// subframe decodes a channel of a frame.
func (d *flacDecoder) subframe(x []int64, depth uint) error {
	b := d.bits
	kind := b.read(8)
	wasted := uint(0)
	if kind&1 != 0 {
		wasted = uint(min(b.unary(), 64)) + 1
	}
	if kind&0x80 != 0 || wasted >= depth {
		return fmt.Errorf("head of a channel: %w", errFLAC)
	}
	depth -= wasted
	var err error
	switch kind = kind >> 1; {
	case kind == 0:
		v := b.signed(depth)
		for i := range x {
			x[i] = v
		}
	case kind == 1:
		for i := range x {
			x[i] = b.signed(depth)
		}
	case 8 <= kind && kind <= 12:
		err = d.fixed(x, int(kind-8), depth)
	case kind >= 32:
		err = d.linear(x, int(kind-31), depth)
	default:
		err = fmt.Errorf("kind %d of a channel: %w", kind, errFLAC)
	}
	if err != nil {
		return err
	}
	if wasted > 0 {
		for i := range x {
			x[i] <<= wasted
		}
	}
	return nil
}

// fixed decodes a channel that is predicted by the polynomial through its last
// samples.
func (d *flacDecoder) fixed(x []int64, order int, depth uint) error {
	if err := d.warmUp(x, order, depth); err != nil {
		return err
	}
	if err := d.residual(x, order); err != nil {
		return err
	}
	switch order {
	case 1:
		for i := 1; i < len(x); i++ {
			x[i] += x[i-1]
		}
	case 2:
		for i := 2; i < len(x); i++ {
			x[i] += 2*x[i-1] - x[i-2]
		}
	case 3:
		for i := 3; i < len(x); i++ {
			x[i] += 3*(x[i-1]-x[i-2]) + x[i-3]
		}
	case 4:
		for i := 4; i < len(x); i++ {
			x[i] += 4*(x[i-1]+x[i-3]) - 6*x[i-2] - x[i-4]
		}
	}
	return nil
}

// linear decodes a channel that is predicted by coefficients of its own.
func (d *flacDecoder) linear(x []int64, order int, depth uint) error {
	b := d.bits
	if err := d.warmUp(x, order, depth); err != nil {
		return err
	}
	precision, shift := uint(b.read(4))+1, b.signed(5)
	if precision == 16 || shift < 0 {
		return fmt.Errorf("predictor: %w", errFLAC)
	}
	var coefficients [32]int64
	for i := range order {
		coefficients[order-1-i] = b.signed(precision) // the oldest sample first
	}
	if err := d.residual(x, order); err != nil {
		return err
	}
	predict(x, coefficients[:order], uint(shift))
	return nil
}

// predict adds to each sample what the samples before it foretell.
func predict(x, coefficients []int64, shift uint) {
	order := len(coefficients)
	for i := order; i < len(x); i++ {
		past := x[i-order : i][:len(coefficients)]
		var sum int64
		for j, c := range coefficients {
			sum += c * past[j]
		}
		x[i] += sum >> (shift & 63)
	}
}

// warmUp reads the samples that nothing predicts.
func (d *flacDecoder) warmUp(x []int64, order int, depth uint) error {
	if order > len(x) {
		return fmt.Errorf("predictor of %d samples for %d: %w", order, len(x), errFLAC)
	}
	for i := range order {
		x[i] = d.bits.signed(depth)
	}
	return nil
}

// residual reads what the prediction missed, in parts of equal length with a Rice
// parameter each; the first is shorter by the samples that are not predicted.
func (d *flacDecoder) residual(x []int64, order int) error {
	b := d.bits
	method := b.read(2)
	if method > 1 {
		return fmt.Errorf("coding of a residual: %w", errFLAC)
	}
	width := 4 + uint(method)
	parts := 1 << b.read(4)
	length := len(x) / parts
	if length*parts != len(x) || length < order {
		return fmt.Errorf("%d parts of %d samples: %w", parts, len(x), errFLAC)
	}
	for i := order; i < len(x) && b.err == nil; {
		end := (i/length + 1) * length
		k := uint(b.read(width))
		if k < 1<<width-1 {
			b.rice(x[i:end], k)
		} else if k = uint(b.read(5)); k == 0 {
			clear(x[i:end])
		} else {
			for j := i; j < end; j++ {
				x[j] = b.signed(k)
			}
		}
		i = end
	}
	return nil
}
