// Package terminal shows people at a terminal how far long work is. Where nobody looks
// it writes nothing.
package terminal

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Is reports whether w is a terminal.
func Is(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Clear takes back the line that is being written.
const Clear = "\r\033[K"

// Bar shows a share of work on one line. The zero Bar shows nothing. It is not safe for
// concurrent use.
type Bar struct {
	out         io.Writer // nil: nobody looks
	done, total int
	drawn       time.Time
}

// NewBar returns a bar on w, or one that shows nothing if w is no terminal.
func NewBar(w io.Writer) *Bar {
	if !Is(w) {
		return &Bar{}
	}
	return &Bar{out: w}
}

// Start begins work of as many steps.
func (b *Bar) Start(total int) { b.done, b.total = 0, total }

// Step says that n steps are done, the last of which was at what. The bar is drawn
// twenty times a second at most.
func (b *Bar) Step(n int, what string) {
	b.done += n
	if b.out == nil || time.Since(b.drawn) < 50*time.Millisecond {
		return
	}
	const width = 30
	b.drawn = time.Now()
	full := strings.Repeat("█", width*b.done/b.total)
	fmt.Fprintf(b.out, "%s%-*s %d/%d %s", Clear, width, full, b.done, b.total, what)
}

// Stop takes the bar back.
func (b *Bar) Stop() {
	if b.out != nil {
		fmt.Fprint(b.out, Clear)
	}
}
