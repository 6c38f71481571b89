package vector

import (
	"context"

	"github.com/quintet-ai/quintet/internal/wal"
)

// OpenIn is Open in a file system of the caller.
func OpenIn[K Key](fs wal.FS, dir string, o Options) (*Collection[K], error) {
	return openIn[K](fs, dir, o)
}

// WalkAlways makes searches use a graph where a scan would be faster.
func WalkAlways(o Options) Options {
	o.walkAlways = true
	return o
}

// Settle does what is done in the background.
func Settle[K Key](c *Collection[K]) {
	if err := c.settle(context.Background()); err != nil {
		panic(err)
	}
}

// GraphPays returns from how many items on Auto has a graph.
func GraphPays(o Options) int {
	o, err := o.withDefaults()
	if err != nil {
		panic(err)
	}
	return o.graphPays()
}
