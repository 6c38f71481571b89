package vector

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/quintet-ai/quintet"
)

// The most vectors of a document and of a query for several.
const (
	MaxItemVectors  = 4096
	MaxQueryVectors = 1024
)

// MultiItem is a document with several vectors, as of its words or passages.
type MultiItem[K Key] struct {
	ID      K           `json:"id"`             // unique in the collection
	Vectors [][]float32 `json:"vectors"`        // 1 to [MaxItemVectors], each of the collection's dimension
	Meta    Meta        `json:"meta,omitempty"` // what filters look at
	Text    string      `json:"text,omitempty"` // kept and given back by Get
}

// MultiCollection stores documents with several vectors each and ranks them by
// max-sim: the Score of a document is the sum, over the vectors of the query, of the
// best Score that one of its own vectors has. That is the late interaction of O.
// Khattab and M. Zaharia, "ColBERT: efficient and effective passage search via
// contextualized late interaction over BERT", SIGIR 2020.
//
// The vectors are items of a [Collection], with what that says about concurrency,
// durability, memory and errors; Options.MaxItems bounds their number, not that of
// the documents. A document changes as a whole, for searches and for crashes. Writers
// take turns; give many documents in one call. The metadata of a document is kept
// once for each of its vectors.
//
// In a directory, the key of vector i of a document is a string: one byte for the
// kind of K, the ID (an integer in 8 bytes, a string after its length as a varint),
// and i in 4 bytes, all little-endian. The text of vector 0 is the number of vectors
// as a varint and the text of the document.
type MultiCollection[K Key] struct {
	parts *Collection[string]
	keys  partCodec[K]
	docs  atomic.Int64

	mu    sync.Mutex          // held by whoever changes documents
	stale map[string]struct{} // parts of no document, to be deleted
}

// NewMulti returns an empty collection in memory, or an error wrapping
// [quintet.ErrOption].
func NewMulti[K Key](o Options) (*MultiCollection[K], error) {
	if o.TextIndex {
		return nil, errMultiText
	}
	c, err := New[string](o)
	if err != nil {
		return nil, err
	}
	return newMulti[K](c), nil
}

var errMultiText = fmt.Errorf("vector: documents of several vectors have no TextIndex: %w", quintet.ErrOption)

// OpenMulti opens the collection in a directory, or makes a new one, as [Open] does
// with the same errors. [quintet.ErrOption] also says that the directory has
// documents with keys of another type, or that it is not of a MultiCollection.
func OpenMulti[K Key](dir string, o Options) (*MultiCollection[K], error) {
	if o.TextIndex {
		return nil, errMultiText
	}
	c, err := Open[string](dir, o)
	if err != nil {
		return nil, fail("OpenMulti", -1, bare(err))
	}
	m := newMulti[K](c)
	if err := m.adopt(); err != nil {
		return nil, fail("OpenMulti", -1, errors.Join(fmt.Errorf("%s: %w", dir, err), c.Close()))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweep(context.Background())
	return m, nil
}

func newMulti[K Key](c *Collection[string]) *MultiCollection[K] {
	return &MultiCollection[K]{parts: c, keys: newPartCodec[K](), stale: map[string]struct{}{}}
}

// Upsert adds documents; one whose ID is there is replaced, all its vectors at one
// moment. If an ID comes twice, the last one counts. Either all documents go in or, on
// any error, none; the error carries the index of the first bad one. In a directory
// the documents of one call take at most 1 GiB.
func (m *MultiCollection[K]) Upsert(ctx context.Context, items ...MultiItem[K]) error {
	parts, owner, err := m.split(items)
	if err != nil {
		return fail("Upsert", owner[0], err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	surplus, fresh := m.surplus(parts)
	if err := m.parts.Upsert(ctx, parts...); err != nil {
		var e *quintet.Error
		if errors.As(err, &e) && e.Index >= 0 {
			return fail("Upsert", owner[e.Index], e.Err)
		}
		return fail("Upsert", -1, bare(err))
	}
	m.docs.Add(fresh)
	for _, it := range parts {
		delete(m.stale, it.ID)
	}
	for _, id := range surplus {
		m.stale[id] = struct{}{}
	}
	m.sweep(ctx)
	return nil
}

// split makes items of the vectors, those of a document together, and returns whose
// each is. After an error that is the document to blame.
func (m *MultiCollection[K]) split(items []MultiItem[K]) (parts []Item[string], owner []int, err error) {
	last := make(map[K]int, len(items))
	for i, it := range items {
		if err := m.check(it); err != nil {
			return nil, []int{i}, err
		}
		last[it.ID] = i
	}
	for i, it := range items {
		if last[it.ID] != i {
			continue
		}
		doc := m.keys.doc(it.ID)
		for j, v := range it.Vectors {
			part := Item[string]{ID: partID(doc, j), Vector: v, Meta: it.Meta}
			if j == 0 {
				part.Text = headText(len(it.Vectors), it.Text)
			}
			parts, owner = append(parts, part), append(owner, i)
		}
	}
	return parts, owner, nil
}

func (m *MultiCollection[K]) check(it MultiItem[K]) error {
	if n := len(it.Vectors); n < 1 || n > MaxItemVectors {
		return fmt.Errorf("%d vectors, want 1 to %d: %w", n, MaxItemVectors, quintet.ErrInput)
	}
	for i, v := range it.Vectors {
		if _, err := m.parts.opt.Metric.scale(v, m.parts.opt.Dim); err != nil {
			return fmt.Errorf("vector %d: %w", i, err)
		}
	}
	_, err := it.Meta.clone()
	return err
}

// surplus returns the parts that documents have now and will not have once the given
// parts are there, and how many documents will be new.
func (m *MultiCollection[K]) surplus(parts []Item[string]) (ids []string, fresh int64) {
	m.parts.mu.RLock()
	defer m.parts.mu.RUnlock()
	for _, it := range parts {
		if partOf(it.ID) > 0 {
			continue
		}
		doc := docOf(it.ID)
		_, had, ok := m.head(doc)
		if !ok {
			fresh++
		}
		will, _, _ := splitText(it.Text)
		for i := will; i < had; i++ {
			ids = append(ids, partID(doc, i))
		}
	}
	return ids, fresh
}

// sweep deletes stale parts. Searches leave them out, so what fails can wait for the
// next change.
func (m *MultiCollection[K]) sweep(ctx context.Context) {
	if len(m.stale) == 0 {
		return
	}
	_, err := m.parts.Delete(context.WithoutCancel(ctx), slices.Collect(maps.Keys(m.stale))...)
	if err == nil {
		clear(m.stale)
	}
}

// Delete removes documents with all their vectors and returns how many of the IDs
// were there. See [Collection.Delete].
func (m *MultiCollection[K]) Delete(ctx context.Context, ids ...K) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	parts, n := m.partsOf(ids)
	if _, err := m.parts.Delete(ctx, parts...); err != nil {
		return 0, fail("Delete", -1, bare(err))
	}
	m.docs.Add(int64(-n))
	m.sweep(ctx)
	return n, nil
}

// partsOf returns the parts of documents, and how many of the documents are there.
func (m *MultiCollection[K]) partsOf(ids []K) (parts []string, n int) {
	m.parts.mu.RLock()
	defer m.parts.mu.RUnlock()
	seen := make(map[K]bool, len(ids))
	for _, id := range ids {
		doc := m.keys.doc(id)
		_, count, ok := m.head(doc)
		if !ok || seen[id] {
			continue
		}
		seen[id] = true
		n++
		for i := range count {
			parts = append(parts, partID(doc, i))
		}
	}
	return parts, n
}

// Get returns the document with the given ID and whether it is there. The Vectors of
// a Cosine collection have norm 1.
func (m *MultiCollection[K]) Get(ctx context.Context, id K) (MultiItem[K], bool, error) {
	m.parts.mu.RLock()
	defer m.parts.mu.RUnlock()
	if err := m.parts.usable(ctx); err != nil {
		return MultiItem[K]{}, false, fail("Get", -1, err)
	}
	doc := m.keys.doc(id)
	at, n, ok := m.head(doc)
	if !ok {
		return MultiItem[K]{}, false, nil
	}
	it := MultiItem[K]{ID: id, Meta: m.parts.slots[at].meta.copied()}
	_, it.Text, _ = splitText(m.parts.slots[at].text)
	for row := range m.vectors(doc, n) {
		it.Vectors = append(it.Vectors, slices.Clone(row[:m.parts.opt.Dim]))
	}
	return it, true, nil
}

// Len returns the number of documents, 0 after Close.
func (m *MultiCollection[K]) Len() int { return int(m.docs.Load()) }

// Close waits for running calls, makes all changes durable and frees the documents.
// Later calls return [quintet.ErrClosed]; closing twice is harmless.
func (m *MultiCollection[K]) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.docs.Store(0)
	return m.parts.Close()
}
