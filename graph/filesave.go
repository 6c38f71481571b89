package graph

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
)

// Write writes a graph in the form that [Open] maps: its rows, weights and keys as
// they are in memory, with checksums. Nothing is lost. Besides the graph it needs
// memory for the keys. It is quickest to a file; [Save] also makes sure that a
// crash leaves the old file or the new one.
func Write[K FileKey](w io.Writer, g *Graph[K]) error {
	if g == nil {
		return fmt.Errorf("graph: nil graph: %w", quintet.ErrInput)
	}
	c := g.CSR()
	h := fileHead{nodes: uint64(g.Order()), arcs: uint64(len(c.adj))}
	if c.directed {
		h.flags |= flagDirected
	}
	if c.w != nil {
		h.flags |= flagWeighted
	}
	off := c.off
	if len(off) == 0 {
		off = []uint32{0}
	}
	sections := [sectionCount][]byte{
		sectionEnds: sectionOf(off), sectionColumns: sectionOf(c.adj), sectionWeights: sectionOf(c.w),
		sectionSlots: sectionOf(newSlots(g.keys)),
	}
	if texts, ok := any(g.keys).([]string); ok {
		h.flags |= flagText
		sections[sectionKeys], sections[sectionText] = joined(texts)
		h.text = uint64(len(sections[sectionText]))
	} else {
		sections[sectionKeys] = sectionOf(numbersOfKeys(g.keys))
	}
	for i, s := range sections {
		h.sums[i] = crc32.Checksum(s, castagnoli)
	}
	return writeSections(w, h.bytes(), sections)
}

func writeSections(w io.Writer, header []byte, sections [sectionCount][]byte) error {
	if _, err := w.Write(header); err != nil {
		return err
	}
	var zeros [fileAlign]byte
	for _, s := range sections {
		if _, err := w.Write(s); err != nil {
			return err
		}
		if _, err := w.Write(zeros[:padding(uint64(len(s)))]); err != nil {
			return err
		}
	}
	return nil
}

// joined returns the sections of text keys.
func joined(texts []string) (ends, text []byte) {
	size := 0
	for _, t := range texts {
		size += len(t)
	}
	text = make([]byte, 0, size)
	at := make([]uint64, 0, len(texts))
	for _, t := range texts {
		text = append(text, t...)
		at = append(at, uint64(len(text)))
	}
	return sectionOf(at), text
}

// numbersOfKeys returns keys that are whole numbers.
func numbersOfKeys[K FileKey](keys []K) []int64 {
	out := make([]int64, len(keys))
	for i, k := range keys {
		switch k := any(k).(type) {
		case int:
			out[i] = int64(k)
		case int64:
			out[i] = k
		}
	}
	return out
}

// Save writes a graph to a file as [Write] does. The file is made under another
// name in the same folder, synced and renamed, so that a reader or a crash finds
// the old file or the new one, whole; graphs of the old file that are open stay
// as they are. It has mode 0600. Two calls may overlap; one of them wins.
func Save[K FileKey](path string, g *Graph[K]) error {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	file, err := os.CreateTemp(dir, name+".*.tmp")
	if err != nil {
		return err
	}
	err = Write(file, g)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return wal.OS{}.SyncDir(dir)
}
