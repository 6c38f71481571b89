package vorbis

// overlap joins the blocks of all channels with those before them, from the middle of one
// to the middle of the other.
func (d *Decoder) overlap(lines int) []float32 {
	before, count := d.before, len(d.channels)
	d.before = lines
	var out []float32
	if before > 0 {
		out = d.out[:(before+lines)/2*count]
		slope := d.slopes[0]
		if min(before, lines) > len(slope) {
			slope = d.slopes[1]
		}
		for i := range d.channels {
			d.channels[i].join(out[d.places[i]:], count, before, slope)
		}
	}
	for i := range d.channels {
		c := &d.channels[i]
		copy(c.before, c.lines[:lines/2])
	}
	return out
}

// join writes the sound between the middles of two blocks to every step-th place. The
// slope of the window lies in the middle of what is common to both; before it there is
// but the last block and behind it but this one.
//
// What the last block leaves is -y[n/2-1], ..., -y[0], -y[0], ..., -y[n/2-1] of its DCT-IV;
// this one begins with y[n/2], ..., y[n-1], -y[n-1], ..., -y[n/2].
func (c *channel) join(out []float32, step, before int, slope []float32) {
	old, lines, n := c.before[:before/2], c.lines, len(slope)
	at := 0
	for j := before/2 - 1; j >= n/2; j-- {
		out[at] = -old[j]
		at += step
	}
	old = old[:n/2]
	young := lines[len(lines)-n/2:][:n/2]
	up, down := slope[:n/2], slope[n/2:][:n/2]
	mirror := at + (n-1)*step
	for j := range up {
		a, b, rising, falling := -old[n/2-1-j], young[j], up[j], down[n/2-1-j]
		out[at] = a*falling + b*rising
		out[mirror] = a*rising - b*falling
		at += step
		mirror -= step
	}
	at += n / 2 * step
	for j := len(lines) - n/2 - 1; j >= len(lines)/2; j-- {
		out[at] = -lines[j]
		at += step
	}
}
