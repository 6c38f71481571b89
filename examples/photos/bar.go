package main

import (
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"
)

// bar shows on a terminal how far the work is.
type bar struct {
	out         io.Writer // nil: nobody looks
	done, total int
	drawn       time.Time
}

func newBar(w io.Writer) *bar {
	if f, ok := w.(fs.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&fs.ModeCharDevice != 0 {
			return &bar{out: w}
		}
	}
	return &bar{}
}

func (b *bar) start(total int) { b.done, b.total = 0, total }

func (b *bar) step(n int, path string) {
	b.done += n
	if b.out == nil || time.Since(b.drawn) < 50*time.Millisecond {
		return
	}
	const width = 30
	b.drawn = time.Now()
	full := strings.Repeat("█", width*b.done/b.total)
	fmt.Fprintf(b.out, "\r\033[K%-*s %d/%d %s", width, full, b.done, b.total, path)
}

func (b *bar) stop() {
	if b.out != nil {
		fmt.Fprint(b.out, "\r\033[K")
	}
}
