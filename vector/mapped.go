package vector

import "github.com/quintet-ai/quintet/internal/mmap"

// With Options.Mapped the vectors of whole chunks of the graph are memory of the
// newest snapshot's file. Nobody looks at them but with mu held, or tendMu, so who
// holds both and commitMu may give the pages back: the graph no longer has them then.

// mapWith takes the pages of a snapshot that is about to be read.
func (c *Collection[K]) mapWith(pages *mmap.Pages) {
	c.unmap()
	c.pages = pages
}

func (c *Collection[K]) unmap() {
	c.pages.Close()
	c.pages = nil
}

// unmapUnused gives the pages back if the options had no use for them.
func (c *Collection[K]) unmapUnused() {
	if c.graph == nil || c.graph.Stats().MappedBytes == 0 {
		c.unmap()
	}
}

// restPages lets the system take away pages that were all read in passing.
func (c *Collection[K]) restPages() {
	if c.pages != nil {
		c.pages.Rest()
	}
}

// mapSnapshot moves the vectors of the graph to the snapshot that was just written. It
// is called with tendMu and snapMu held. They stay where they are if the file cannot
// be mapped: nothing is lost but memory.
func (c *Collection[K]) mapSnapshot() {
	pages, rows := c.snapshotRows()
	if pages == nil {
		return
	}
	c.commitMu.Lock()
	defer c.commitMu.Unlock()
	c.moveTo(pages, rows)
}

// moveTo is called with tendMu and commitMu held.
func (c *Collection[K]) moveTo(pages *mmap.Pages, rows [][]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		pages.Close()
		return
	}
	c.graph.Replace(rows)
	c.rows.chunks = nil
	c.showRows()
	c.unmap()
	c.pages = pages
}

// snapshotRows maps the newest snapshot and finds in it the rows of the chunks, but
// those of the last one, which may have grown since. The pages are nil if it was not
// written of this graph, or cannot be mapped.
func (c *Collection[K]) snapshotRows() (pages *mmap.Pages, rows [][]byte) {
	if !c.opt.Mapped || c.savedChunks == 0 {
		return nil, nil
	}
	parts, size := 0, len(c.graph.Rows(0))
	pages, err := c.log.Map(func(block []byte) error {
		part, ok := graphPart(block)
		if !ok {
			return nil
		}
		if parts++; 1 < parts && parts <= c.savedChunks && len(part) >= size {
			rows = append(rows, part[:size:size])
		}
		return nil
	})
	if err == nil && len(rows) != c.savedChunks-1 {
		pages.Close()
		return nil, nil
	}
	return pages, rows
}

// partOffset is where a part of the graph begins in its block: a multiple of 32, as
// rows are to begin at one.
const partOffset = 32

// graphPart returns the part of the graph in a block of a snapshot.
func graphPart(block []byte) (part []byte, ok bool) {
	if len(block) < partOffset || block[0] != verbPart {
		return nil, false
	}
	return block[partOffset:], true
}

// appendPart appends a block for a part of the graph.
func appendPart(b, part []byte) []byte {
	b = append(b, verbPart)
	return append(append(b, make([]byte, partOffset-1)...), part...)
}
