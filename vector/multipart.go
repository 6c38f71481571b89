package vector

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"

	"github.com/quintet-ai/quintet"
)

// A part is one vector of a document. Part 0 is the head: its text says how many
// parts there are. All parts of a document are put in one change, so a part with a
// number below that in the head is as new as the head, and any other is stale: left by
// a longer document that was replaced.

// partCodec makes the keys of parts: that of the document, which ends where it says
// itself, and the number of the part.
type partCodec[K Key] struct{ keys keyCodec[K] }

func newPartCodec[K Key]() partCodec[K] { return partCodec[K]{newKeyCodec[K]()} }

func (c partCodec[K]) doc(id K) string { return string(c.keys.append([]byte{byte(c.keys.kind)}, id)) }

// id returns of which document a part is.
func (c partCodec[K]) id(doc string) (id K, err error) {
	d := &decoder{b: []byte(doc)}
	if kind := d.byte(); d.err == nil && kind != byte(c.keys.kind) {
		return id, errors.New("key is of another kind")
	}
	id = c.keys.read(d)
	if d.err == nil && c.doc(id) != doc {
		d.fail("key has a form of its own")
	}
	return id, d.err
}

const partBytes = 4 // of the number of a part

func partID(doc string, part int) string {
	return string(binary.LittleEndian.AppendUint32([]byte(doc), uint32(part)))
}

// docOf and partOf take what partID returned.

func docOf(id string) string { return id[:len(id)-partBytes] }

func partOf(id string) int {
	return int(binary.LittleEndian.Uint32([]byte(id[len(id)-partBytes:])))
}

func headText(parts int, text string) string {
	return string(binary.AppendUvarint(nil, uint64(parts))) + text
}

func splitText(head string) (parts int, text string, ok bool) {
	n, size := binary.Uvarint([]byte(head[:min(len(head), binary.MaxVarintLen64)]))
	if size <= 0 || n < 1 || n > MaxItemVectors {
		return 0, "", false
	}
	return int(n), head[size:], true
}

// head returns the slot of a document's head and the number of its parts. It is
// called with the mu of the parts held.
func (m *MultiCollection[K]) head(doc string) (at uint32, parts int, ok bool) {
	at, ok = m.parts.index[partID(doc, 0)]
	if ok {
		parts, _, ok = splitText(m.parts.slots[at].text)
	}
	return at, parts, ok
}

// vectors yields the padded vectors of a document with n parts. It is called with the
// mu of the parts held.
func (m *MultiCollection[K]) vectors(doc string, n int) iter.Seq[[]float32] {
	return func(yield func([]float32) bool) {
		key := append([]byte(doc), make([]byte, partBytes)...)
		var buf []float32
		for i := range n {
			binary.LittleEndian.PutUint32(key[len(doc):], uint32(i))
			if at, ok := m.parts.index[string(key)]; ok && !yield(m.parts.row(int(at), &buf)) {
				return
			}
		}
	}
}

// adopt counts the documents that were read from a directory and notes stale parts.
func (m *MultiCollection[K]) adopt() error {
	m.parts.mu.RLock()
	defer m.parts.mu.RUnlock()
	heads := map[string]int{}
	for id, at := range m.parts.index {
		if err := m.checkPart(id); err != nil {
			return err
		}
		if partOf(id) > 0 {
			continue
		}
		n, _, ok := splitText(m.parts.slots[at].text)
		if !ok {
			return fmt.Errorf("key %q has no number of vectors: %w", id, quintet.ErrOption)
		}
		heads[docOf(id)] = n
	}
	live := 0
	for id := range m.parts.index {
		if partOf(id) < heads[docOf(id)] {
			live++
		} else {
			m.stale[id] = struct{}{}
		}
	}
	for _, n := range heads {
		live -= n
	}
	if live != 0 {
		return fmt.Errorf("%d vectors of documents are missing: %w", -live, ErrCorrupt)
	}
	m.docs.Store(int64(len(heads)))
	return nil
}

func (m *MultiCollection[K]) checkPart(id string) error {
	if len(id) < partBytes {
		return fmt.Errorf("key %q is not of a vector of a document: %w", id, quintet.ErrOption)
	}
	if _, err := m.keys.id(docOf(id)); err != nil {
		return fmt.Errorf("key %q is not of a vector of a document: %w: %w", id, err, quintet.ErrOption)
	}
	return nil
}
