package qdrant_test

import (
	"cmp"
	"context"
	"math"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	pb "github.com/qdrant/go-client/qdrant"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
)

// server answers the calls of a store from memory, as the protocol describes them.
type server struct {
	mu          sync.Mutex
	collections map[string]*collection
	fail        error              // what every call returns, if not nil
	hang        chan struct{}      // if not nil, calls wait until it is closed or they are cancelled
	requests    []*pb.UpsertPoints // that came
	queries     []*pb.QueryBatchPoints
}

type collection struct {
	params *pb.VectorParams
	points map[string]*pb.PointStruct // by UUID
}

// The services have methods of the same names, so that each is a type of its own.
type (
	health      struct{ pb.UnimplementedQdrantServer }
	collections struct {
		pb.UnimplementedCollectionsServer
		s *server
	}
	points struct {
		pb.UnimplementedPointsServer
		s *server
	}
)

// serve runs a server until the test ends and returns its URL.
func serve(t testing.TB) (*server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &server{collections: map[string]*collection{}}
	pings := keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true} // the client sends many
	g := grpc.NewServer(grpc.MaxRecvMsgSize(32<<20), grpc.KeepaliveEnforcementPolicy(pings), grpc.UnaryInterceptor(func(
		ctx context.Context, r any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler,
	) (any, error) {
		s.mu.Lock()
		fail, hang := s.fail, s.hang
		s.mu.Unlock()
		if hang != nil {
			select {
			case <-hang:
			case <-ctx.Done():
			}
		}
		if fail != nil {
			return nil, fail
		}
		return next(ctx, r)
	}))
	pb.RegisterQdrantServer(g, health{})
	pb.RegisterCollectionsServer(g, collections{s: s})
	pb.RegisterPointsServer(g, points{s: s})
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.Serve(l)
	}()
	t.Cleanup(func() {
		g.Stop()
		<-done
	})
	return s, "http://" + l.Addr().String()
}

func (s *server) set(fail error, hang chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail, s.hang = fail, hang
}

func (health) HealthCheck(context.Context, *pb.HealthCheckRequest) (*pb.HealthCheckReply, error) {
	return &pb.HealthCheckReply{Version: "1.17.0"}, nil
}

// find is called with mu held.
func (s *server) find(name string) (*collection, error) {
	if c, ok := s.collections[name]; ok {
		return c, nil
	}
	return nil, status.Errorf(codes.NotFound, "Not found: Collection `%s` doesn't exist!", name)
}

func (x collections) CollectionExists(_ context.Context, r *pb.CollectionExistsRequest) (*pb.CollectionExistsResponse, error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	_, ok := x.s.collections[r.GetCollectionName()]
	return &pb.CollectionExistsResponse{Result: &pb.CollectionExists{Exists: ok}}, nil
}

func (x collections) Create(_ context.Context, r *pb.CreateCollection) (*pb.CollectionOperationResponse, error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if _, ok := x.s.collections[r.GetCollectionName()]; ok {
		return nil, status.Error(codes.AlreadyExists, "already exists")
	}
	x.s.collections[r.GetCollectionName()] = &collection{r.GetVectorsConfig().GetParams(), map[string]*pb.PointStruct{}}
	return &pb.CollectionOperationResponse{Result: true}, nil
}

func (x collections) Get(_ context.Context, r *pb.GetCollectionInfoRequest) (*pb.GetCollectionInfoResponse, error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	c, err := x.s.find(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	params := &pb.CollectionParams{VectorsConfig: pb.NewVectorsConfig(c.params)}
	return &pb.GetCollectionInfoResponse{Result: &pb.CollectionInfo{Config: &pb.CollectionConfig{Params: params}}}, nil
}

func completed() *pb.PointsOperationResponse {
	return &pb.PointsOperationResponse{Result: &pb.UpdateResult{Status: pb.UpdateStatus_Completed}}
}

func (x points) CreateFieldIndex(context.Context, *pb.CreateFieldIndexCollection) (*pb.PointsOperationResponse, error) {
	return completed(), nil
}

func (x points) Upsert(_ context.Context, r *pb.UpsertPoints) (*pb.PointsOperationResponse, error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	c, err := x.s.find(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	for _, p := range r.GetPoints() {
		if len(dense(p)) != int(c.params.GetSize()) {
			return nil, status.Error(codes.InvalidArgument, "Wrong input: Vector dimension error")
		}
	}
	for _, p := range r.GetPoints() {
		c.points[p.GetId().GetUuid()] = p
	}
	x.s.requests = append(x.s.requests, r)
	return completed(), nil
}

func dense(p *pb.PointStruct) []float32 { return p.GetVectors().GetVector().GetDense().GetData() }

func (x points) Delete(_ context.Context, r *pb.DeletePoints) (*pb.PointsOperationResponse, error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	c, err := x.s.find(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	for _, id := range r.GetPoints().GetPoints().GetIds() {
		delete(c.points, id.GetUuid())
	}
	return completed(), nil
}

func (x points) Get(_ context.Context, r *pb.GetPoints) (*pb.GetResponse, error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	c, err := x.s.find(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	out := &pb.GetResponse{}
	for _, id := range r.GetIds() {
		p, ok := c.points[id.GetUuid()]
		if !ok {
			continue
		}
		got := &pb.RetrievedPoint{Id: p.GetId()}
		if r.GetWithPayload().GetEnable() {
			got.Payload = p.GetPayload()
		}
		if r.GetWithVectors().GetEnable() {
			v := &pb.VectorOutput{Vector: &pb.VectorOutput_Dense{Dense: &pb.DenseVector{Data: dense(p)}}}
			got.Vectors = &pb.VectorsOutput{VectorsOptions: &pb.VectorsOutput_Vector{Vector: v}}
		}
		out.Result = append(out.Result, got)
	}
	return out, nil
}

func (x points) Count(_ context.Context, r *pb.CountPoints) (*pb.CountResponse, error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	c, err := x.s.find(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	n := uint64(0)
	for _, p := range c.points {
		if passes(r.GetFilter(), p.GetPayload()) {
			n++
		}
	}
	return &pb.CountResponse{Result: &pb.CountResult{Count: n}}, nil
}

func (x points) QueryBatch(_ context.Context, r *pb.QueryBatchPoints) (*pb.QueryBatchResponse, error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	c, err := x.s.find(r.GetCollectionName())
	if err != nil {
		return nil, err
	}
	x.s.queries = append(x.s.queries, r)
	out := &pb.QueryBatchResponse{}
	for _, q := range r.GetQueryPoints() {
		out.Result = append(out.Result, &pb.BatchResult{Result: c.nearest(q)})
	}
	return out, nil
}

func (c *collection) nearest(q *pb.QueryPoints) []*pb.ScoredPoint {
	v := q.GetQuery().GetNearest().GetDense().GetData()
	var found []*pb.ScoredPoint
	for _, p := range c.points {
		if passes(q.GetFilter(), p.GetPayload()) {
			found = append(found, &pb.ScoredPoint{Id: p.GetId(), Payload: p.GetPayload(), Score: score(c.params.GetDistance(), v, dense(p))})
		}
	}
	sign := float32(1) // of distances
	if d := c.params.GetDistance(); d == pb.Distance_Cosine || d == pb.Distance_Dot {
		sign = -1
	}
	slices.SortFunc(found, func(a, b *pb.ScoredPoint) int { return cmp.Compare(sign*a.Score, sign*b.Score) })
	return found[:min(uint64(len(found)), q.GetLimit())]
}

func score(d pb.Distance, a, b []float32) float32 {
	var dot, squares, steps, na, nb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		dot, squares, steps = dot+x*y, squares+(x-y)*(x-y), steps+math.Abs(x-y)
		na, nb = na+x*x, nb+y*y
	}
	switch d {
	case pb.Distance_Cosine:
		return float32(dot / math.Sqrt(na*nb))
	case pb.Distance_Dot:
		return float32(dot)
	case pb.Distance_Euclid:
		return float32(math.Sqrt(squares))
	}
	return float32(steps)
}

// passes says what a filter means, as the server's documentation does.
func passes(f *pb.Filter, payload map[string]*pb.Value) bool {
	meets := func(c *pb.Condition) bool { return meets(c, payload) }
	for _, c := range f.GetMust() {
		if !meets(c) {
			return false
		}
	}
	return !slices.ContainsFunc(f.GetMustNot(), meets) && (len(f.GetShould()) == 0 || slices.ContainsFunc(f.GetShould(), meets))
}

func meets(c *pb.Condition, payload map[string]*pb.Value) bool {
	if sub := c.GetFilter(); sub != nil {
		return passes(sub, payload)
	}
	field := c.GetField()
	if field == nil {
		panic("a condition of another kind")
	}
	for _, v := range values(payload, field.GetKey()) {
		if m := field.GetMatch(); m != nil && matches(m, v) {
			return true
		}
		if r := field.GetRange(); r != nil && within(r, v) {
			return true
		}
	}
	return false
}

// values are those at a path; a list has many.
func values(fields map[string]*pb.Value, path string) []*pb.Value {
	name, rest, more := strings.Cut(path, ".")
	v, ok := fields[name]
	switch {
	case !ok:
		return nil
	case more:
		return values(v.GetStructValue().GetFields(), rest)
	case v.GetListValue() != nil:
		return v.GetListValue().GetValues()
	}
	return []*pb.Value{v}
}

func matches(m *pb.Match, v *pb.Value) bool {
	text, isText := v.GetKind().(*pb.Value_StringValue)
	truth, isTruth := v.GetKind().(*pb.Value_BoolValue)
	switch want := m.GetMatchValue().(type) {
	case *pb.Match_Keyword:
		return isText && text.StringValue == want.Keyword
	case *pb.Match_Keywords:
		return isText && slices.Contains(want.Keywords.GetStrings(), text.StringValue)
	case *pb.Match_Boolean:
		return isTruth && truth.BoolValue == want.Boolean
	}
	panic("a match of another kind")
}

func within(r *pb.Range, v *pb.Value) bool {
	var x float64
	switch v := v.GetKind().(type) {
	case *pb.Value_DoubleValue:
		x = v.DoubleValue
	case *pb.Value_IntegerValue:
		x = float64(v.IntegerValue)
	default:
		return false
	}
	return (r.Gt == nil || x > *r.Gt) && (r.Gte == nil || x >= *r.Gte) &&
		(r.Lt == nil || x < *r.Lt) && (r.Lte == nil || x <= *r.Lte)
}
