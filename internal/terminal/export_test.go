package terminal

import "io"

// BarOn is a bar on a writer that is taken for a terminal.
func BarOn(w io.Writer) *Bar { return &Bar{out: w} }
