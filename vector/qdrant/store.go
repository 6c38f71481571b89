package qdrant

import (
	"context"
	"errors"
	"sync"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// Store is a [vector.Store] in a collection of Qdrant, made by [Open]. It is safe for
// concurrent use. The errors of its methods are [quintet.Error] values; the cause is
// [quintet.ErrInput], [quintet.ErrUnsupported] for what Qdrant or this package has
// not, [quintet.ErrClosed], the error of the context, or, of the server,
// [quintet.ErrBusy] if the same call may succeed later and [quintet.ErrOption] if it
// may not. The client's error is in it where there was one.
type Store[K vector.Key] struct {
	opt    Options
	rules  vector.Rules
	client *pb.Client
	owned  bool

	mu     sync.RWMutex // held by calls for reading
	closed bool
}

var _ vector.Store[string] = (*Store[string])(nil)

// Tenant returns a store of the items of another tenant, in the same collection and by
// the same connections, and asks nothing of the server. It works until s is closed,
// and its Close leaves s open. A name that is not UTF-8 is [quintet.ErrOption].
func (s *Store[K]) Tenant(name string) (*Store[K], error) {
	o := s.opt
	o.Tenant = name
	if _, err := o.withDefaults(); err != nil {
		return nil, err
	}
	return &Store[K]{opt: o, rules: s.rules, client: s.client}, nil
}

// call does the work of a method and says where it failed.
func (s *Store[K]) call(ctx context.Context, method string, items int, do func() (index int, err error)) error {
	index := -1
	err := s.observed(ctx, method, items, func() (err error) {
		index, err = do()
		return err
	})
	return fail(ctx, method, index, err)
}

func fail(ctx context.Context, method string, index int, err error) error {
	if err == nil {
		return nil
	}
	return &quintet.Error{Op: "qdrant." + method, Index: index, Err: cause(ctx, err)}
}

// observed does the work of a method and tells the observer.
func (s *Store[K]) observed(ctx context.Context, method string, items int, do func() error) (err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.opt.Observer != nil {
		begin := time.Now()
		defer func() {
			s.opt.Observer.Observe(quintet.Event{
				Pipeline: "qdrant", Op: method, Items: items, Took: time.Since(begin), Err: cause(ctx, err),
			})
		}()
	}
	if s.closed {
		return quintet.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return do()
}

// Get returns the item with the given ID and whether it is there. The Vector of a
// Cosine store has norm 1.
func (s *Store[K]) Get(ctx context.Context, id K) (it vector.Item[K], ok bool, err error) {
	err = s.call(ctx, "Get", 1, func() (int, error) {
		ids := s.ids([]K{id})
		if len(ids) == 0 {
			return -1, nil
		}
		found, err := s.client.Get(ctx, &pb.GetPoints{
			CollectionName: s.opt.Collection, Ids: ids,
			WithPayload: pb.NewWithPayload(true), WithVectors: pb.NewWithVectors(true),
		})
		if err != nil || len(found) == 0 {
			return -1, err
		}
		v := found[0].GetVectors().GetVector()
		floats := v.GetDense().GetData()
		if floats == nil {
			//lint:ignore SA1019 servers before 1.16 have it there
			floats = v.GetData()
		}
		values := found[0].GetPayload()
		it = vector.Item[K]{ID: id, Vector: floats, Text: values[textField].GetStringValue()}
		it.Meta, err = decodeMeta(values[metaField].GetStringValue())
		ok = err == nil
		return -1, err
	})
	if err != nil {
		return vector.Item[K]{}, false, err
	}
	return it, ok, nil
}

// Stats counts the items of the tenant.
func (s *Store[K]) Stats(ctx context.Context) (st vector.Stats, err error) {
	err = s.call(ctx, "Stats", 1, func() (int, error) {
		n, err := s.client.Count(ctx, &pb.CountPoints{
			CollectionName: s.opt.Collection, Exact: pb.PtrOf(true), Filter: &pb.Filter{Must: []*pb.Condition{s.mine()}},
		})
		st = vector.Stats{
			Items: int(n), Dim: s.opt.Dim, Metric: s.opt.Metric, Index: vector.HNSW, Quantization: s.opt.Quantization,
		}
		return -1, err
	})
	if err != nil {
		return vector.Stats{}, err
	}
	return st, nil
}

// mine is what every question about more than one point asks.
func (s *Store[K]) mine() *pb.Condition { return pb.NewMatchKeyword(tenantField, s.opt.Tenant) }

// Ping asks whether the server answers. It fits a check of package monitor.
func (s *Store[K]) Ping(ctx context.Context) error {
	return s.call(ctx, "Ping", 0, func() (int, error) {
		_, err := s.client.HealthCheck(ctx)
		return -1, err
	})
}

// Close waits for running calls and closes the connections, if the store was made by
// [Open]. Later calls return [quintet.ErrClosed]; closing twice is harmless.
func (s *Store[K]) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if !s.owned {
		return nil
	}
	if err := s.client.Close(); err != nil && !errors.Is(err, context.Canceled) {
		return &quintet.Error{Op: "qdrant.Close", Index: -1, Err: cause(context.Background(), err)}
	}
	return nil
}
