package qdrant

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/proto"

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

// maxBatch and maxBytes are how much is sent at once. Servers take 32 MiB if they are not
// told otherwise.
const (
	maxBatch = 500 // points
	maxBytes = 16 << 20
)

// Upsert adds items and replaces those whose IDs are there. If an ID comes twice, the
// last one counts. Items that are refused by this package keep all out, and the error
// carries the index of the first. The server gets 500, or 16 MiB, at a time: an error of
// it leaves those that were sent before.
func (s *Store[K]) Upsert(ctx context.Context, items ...vector.Item[K]) error {
	return s.call(ctx, "Upsert", len(items), func() (int, error) {
		points, bad, err := s.points(items)
		if err != nil {
			return bad, err
		}
		for len(points) > 0 {
			n := fitting(points)
			if _, err := s.client.Upsert(ctx, &pb.UpsertPoints{
				CollectionName: s.opt.Collection, Wait: pb.PtrOf(true), Points: points[:n],
			}); err != nil {
				return -1, err
			}
			points = points[n:]
		}
		return -1, nil
	})
}

// fitting returns how many of some points, one at least, are sent at once.
func fitting(points []*pb.PointStruct) (n int) {
	for size := 0; n < min(maxBatch, len(points)); n++ {
		if size += proto.Size(points[n]); n > 0 && size > maxBytes {
			break
		}
	}
	return n
}

// points returns what to write, or the index of an item that is refused.
func (s *Store[K]) points(items []vector.Item[K]) (points []*pb.PointStruct, bad int, err error) {
	place := make(map[K]int, len(items))
	for i, it := range items {
		p, err := s.point(it)
		if err != nil {
			return nil, i, err
		}
		if at, ok := place[it.ID]; ok {
			points[at] = p
			continue
		}
		place[it.ID] = len(points)
		points = append(points, p)
	}
	return points, -1, nil
}

func (s *Store[K]) point(it vector.Item[K]) (*pb.PointStruct, error) {
	it, err := vector.CheckItem(s.rules, it)
	if err != nil {
		return nil, err
	}
	if len(it.Sparse.Indices) > 0 {
		return nil, fmt.Errorf("item has a sparse vector: %w", quintet.ErrUnsupported)
	}
	key, err := keyText(it.ID)
	if err != nil {
		return nil, err
	}
	values, err := payload(s.opt.Tenant, key, it)
	if err != nil {
		return nil, err
	}
	return &pb.PointStruct{Id: pointID(s.opt.Tenant, key), Vectors: pb.NewVectorsDense(it.Vector), Payload: values}, nil
}

// ids returns the points of keys. Those that no store has are left out.
func (s *Store[K]) ids(keys []K) (ids []*pb.PointId) {
	seen := make(map[K]bool, len(keys))
	for _, k := range keys {
		if text, err := keyText(k); err == nil && !seen[k] {
			seen[k] = true
			ids = append(ids, pointID(s.opt.Tenant, text))
		}
	}
	return ids
}

// Delete removes items and returns how many of the IDs were there just before: the
// server does not say what it removed.
func (s *Store[K]) Delete(ctx context.Context, keys ...K) (n int, err error) {
	err = s.call(ctx, "Delete", len(keys), func() (int, error) {
		for ids := s.ids(keys); len(ids) > 0; {
			part := ids[:min(maxBatch, len(ids))]
			ids = ids[len(part):]
			there, err := s.client.Get(ctx, &pb.GetPoints{
				CollectionName: s.opt.Collection, Ids: part,
				WithPayload: pb.NewWithPayload(false), WithVectors: pb.NewWithVectors(false),
			})
			if err != nil {
				return -1, err
			}
			if _, err := s.client.Delete(ctx, &pb.DeletePoints{
				CollectionName: s.opt.Collection, Wait: pb.PtrOf(true), Points: pb.NewPointsSelectorIDs(part),
			}); err != nil {
				return -1, err
			}
			n += len(there)
		}
		return -1, nil
	})
	return n, err
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
