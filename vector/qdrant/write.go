package qdrant

import (
	"context"
	"fmt"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/proto"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

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
