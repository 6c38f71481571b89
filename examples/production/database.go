package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/config"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vector/pgvector"
)

// databaseStore is the collection in PostgreSQL, which processes share. The first call
// that finds a server opens it, so that a process starts without one.
type databaseStore struct {
	open func(context.Context) (*pgvector.Store[string], error)

	mu     sync.Mutex
	store  *pgvector.Store[string]
	err    error     // of the last try
	tried  time.Time // when that was
	closed bool
}

var _ vector.Store[string] = (*databaseStore)(nil)

func newDatabaseStore(d config.Database) (*databaseStore, error) {
	u, err := url.Parse(d.URL().Reveal())
	if err != nil {
		return nil, fmt.Errorf("URL of the database: %w", quintet.ErrOption) // it has a password
	}
	q := u.Query()
	q.Set("pool_max_conns", strconv.Itoa(d.PoolSize))
	q.Set("connect_timeout", "5")
	q.Set("default_query_exec_mode", "cache_describe") // poolers between us and the server may be there
	u.RawQuery = q.Encode()
	o := pgvector.Options{URL: u.String(), Dim: dim, TextIndex: true, MetaIndex: true}
	return &databaseStore{open: func(ctx context.Context) (*pgvector.Store[string], error) {
		return pgvector.Open[string](ctx, o)
	}}, nil
}

// get returns the store. A server that was away is asked again a second later at the
// earliest; meanwhile calls fail at once.
func (d *databaseStore) get(ctx context.Context) (*pgvector.Store[string], error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closed:
		return nil, quintet.ErrClosed
	case d.store != nil:
		return d.store, nil
	case d.err != nil && time.Since(d.tried) < time.Second:
		return nil, d.err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	store, err := d.open(ctx)
	d.tried = time.Now()
	if err != nil {
		d.err = fmt.Errorf("database: %w: %w", err, quintet.ErrBusy)
		return nil, d.err
	}
	d.store, d.err = store, nil
	return store, nil
}

// Ping asks whether the server answers.
func (d *databaseStore) Ping(ctx context.Context) error {
	s, err := d.get(ctx)
	if err != nil {
		return err
	}
	return s.Ping(ctx)
}

// Upsert implements [vector.Store].
func (d *databaseStore) Upsert(ctx context.Context, items ...vector.Item[string]) error {
	s, err := d.get(ctx)
	if err != nil {
		return err
	}
	return s.Upsert(ctx, items...)
}

// Delete implements [vector.Store].
func (d *databaseStore) Delete(ctx context.Context, ids ...string) (int, error) {
	s, err := d.get(ctx)
	if err != nil {
		return 0, err
	}
	return s.Delete(ctx, ids...)
}

// Get implements [vector.Store].
func (d *databaseStore) Get(ctx context.Context, id string) (vector.Item[string], bool, error) {
	s, err := d.get(ctx)
	if err != nil {
		return vector.Item[string]{}, false, err
	}
	return s.Get(ctx, id)
}

// Search implements [vector.Store].
func (d *databaseStore) Search(ctx context.Context, q vector.Query) ([]vector.Hit[string], error) {
	s, err := d.get(ctx)
	if err != nil {
		return nil, err
	}
	return s.Search(ctx, q)
}

// SearchBatch implements [vector.Store].
func (d *databaseStore) SearchBatch(ctx context.Context, qs []vector.Query) ([][]vector.Hit[string], error) {
	s, err := d.get(ctx)
	if err != nil {
		return make([][]vector.Hit[string], len(qs)), err
	}
	return s.SearchBatch(ctx, qs)
}

// Stats implements [vector.Store].
func (d *databaseStore) Stats(ctx context.Context) (vector.Stats, error) {
	s, err := d.get(ctx)
	if err != nil {
		return vector.Stats{}, err
	}
	return s.Stats(ctx)
}

// Close implements [vector.Store].
func (d *databaseStore) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.store == nil {
		return nil
	}
	return d.store.Close()
}

// pingDatabase asks a server whether it answers, with pgvector. It makes what is missing.
func pingDatabase(ctx context.Context, d config.Database) error {
	store, err := newDatabaseStore(d)
	if err != nil {
		return err
	}
	return errors.Join(store.Ping(ctx), store.Close())
}
