package qdrant

import (
	"context"
	"fmt"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc/codes"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// Open connects, makes the collection if it is missing and NoCreate is not set, and
// returns a store. Stores may be opened at the same time by many processes.
//
// The error wraps [quintet.ErrOption] for options that make no sense or do not fit the
// collection, and [quintet.ErrBusy] for a server that cannot be reached.
func Open[K vector.Key](ctx context.Context, o Options) (*Store[K], error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c, err := o.config()
	if err != nil {
		return nil, err
	}
	client, err := pb.NewClient(c)
	if err != nil {
		return nil, fmt.Errorf("qdrant: %w: %w", err, quintet.ErrOption)
	}
	s := &Store[K]{opt: o, rules: vector.Rules{Dim: o.Dim, Metric: o.Metric}, client: client, owned: true}
	if err := s.prepare(ctx); err != nil {
		client.Close()
		return nil, fmt.Errorf("qdrant: %w", cause(ctx, err))
	}
	return s, nil
}

func (s *Store[K]) prepare(ctx context.Context) error {
	there, err := s.client.CollectionExists(ctx, s.opt.Collection)
	switch {
	case err != nil:
		return err
	case !there && s.opt.NoCreate:
		return fmt.Errorf("there is no collection %q: %w", s.opt.Collection, quintet.ErrOption)
	case !there:
		if err := s.create(ctx); err != nil && code(err) != codes.AlreadyExists {
			return err
		}
	}
	return s.check(ctx)
}

func (s *Store[K]) create(ctx context.Context) error {
	p := &pb.VectorParams{Size: uint64(s.opt.Dim), Distance: s.opt.distance(), HnswConfig: &pb.HnswConfigDiff{}}
	if s.opt.Quantization == vector.F16 {
		p.Datatype = pb.Datatype_Float16.Enum()
	}
	if s.opt.M > 0 {
		p.HnswConfig.M = pb.PtrOf(uint64(s.opt.M))
	}
	if s.opt.EfConstruction > 0 {
		p.HnswConfig.EfConstruct = pb.PtrOf(uint64(s.opt.EfConstruction))
	}
	err := s.client.CreateCollection(ctx, &pb.CreateCollection{
		CollectionName: s.opt.Collection, VectorsConfig: pb.NewVectorsConfig(p),
	})
	if err != nil {
		return err
	}
	_, err = s.client.CreateFieldIndex(ctx, &pb.CreateFieldIndexCollection{
		CollectionName: s.opt.Collection, FieldName: tenantField, FieldType: pb.FieldType_FieldTypeKeyword.Enum(),
		FieldIndexParams: pb.NewPayloadIndexParamsKeyword(&pb.KeywordIndexParams{IsTenant: pb.PtrOf(true)}),
		Wait:             pb.PtrOf(true),
	})
	return err
}

// check refuses a collection that does not fit the options.
func (s *Store[K]) check(ctx context.Context) error {
	info, err := s.client.GetCollectionInfo(ctx, s.opt.Collection)
	if err != nil {
		return err
	}
	p := info.GetConfig().GetParams().GetVectorsConfig().GetParams()
	if p.GetSize() != uint64(s.opt.Dim) || p.GetDistance() != s.opt.distance() {
		return fmt.Errorf("collection %q has vectors of %d floats and %v, want %d and %v: %w", s.opt.Collection,
			p.GetSize(), p.GetDistance(), s.opt.Dim, s.opt.distance(), quintet.ErrOption)
	}
	return nil
}
