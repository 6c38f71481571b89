package qdrant

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"unicode/utf8"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// Options configures [Open]. Dim is required.
type Options struct {
	// URL is that of the server's gRPC interface: http://host:6334, or https for TLS.
	// Default: http://localhost:6334.
	URL string

	// APIKey is sent with each call. Default: none.
	APIKey string

	// TLS configures https. Default: TLS 1.3 with the system's certificates.
	TLS *tls.Config

	// Collection is the name of the collection. Default: quintet_items.
	Collection string

	// Tenant is whose items the store has: it does not see those of others in the
	// same collection. Default: "", which is a tenant too.
	Tenant string

	// Dim is the number of floats of every vector, from 1 to [vector.MaxDim].
	Dim int

	// Metric says what near means. Hamming is the server's Manhattan. Default: Cosine.
	Metric vector.Metric

	// Quantization is None or F16, which keeps vectors as 16-bit floats. It counts
	// when the collection is made. Default: None.
	Quantization vector.Quantization

	// M and EfConstruction are those of the HNSW index when the collection is made.
	// Default: the server's, 16 and 100.
	M, EfConstruction int

	// EfSearch is how many candidates a search keeps. Default: the server's.
	EfSearch int

	// NoCreate makes no collection: one that is missing is an error.
	NoCreate bool

	// Observer is told of every call. Default: nobody.
	Observer quintet.Observer
}

// maxAnswer is how many bytes of an answer are read: 64 lists of long metadata.
const maxAnswer = 1 << 30

func (o Options) withDefaults() (Options, error) {
	if err := (vector.Rules{Dim: o.Dim, Metric: o.Metric}).Check(); err != nil {
		return o, fmt.Errorf("qdrant: %w", err)
	}
	switch {
	case o.Quantization != vector.None && o.Quantization != vector.F16:
		return o, fmt.Errorf("qdrant: Quantization is %v, want none or f16: %w", o.Quantization, quintet.ErrOption)
	case o.M < 0 || o.EfConstruction < 0 || o.EfSearch < 0:
		return o, fmt.Errorf("qdrant: negative M, EfConstruction or EfSearch: %w", quintet.ErrOption)
	case !utf8.ValidString(o.Tenant) || !utf8.ValidString(o.Collection):
		return o, fmt.Errorf("qdrant: Tenant or Collection is not UTF-8: %w", quintet.ErrOption)
	}
	o.URL = cmp.Or(o.URL, "http://localhost:6334")
	o.Collection = cmp.Or(o.Collection, "quintet_items")
	return o, nil
}

// config is how the client connects. A URL may have a secret in it, so that an error
// does not repeat it.
func (o Options) config() (*pb.Config, error) {
	wrong := fmt.Errorf("qdrant: URL is not http://host:port or https://host:port: %w", quintet.ErrOption)
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil, wrong
	}
	c := &pb.Config{
		Host: u.Hostname(), APIKey: o.APIKey, UseTLS: u.Scheme == "https", TLSConfig: o.TLS,
		SkipCompatibilityCheck: true,                     // it would ask the server before there is a context
		KeepAliveTime:          60, KeepAliveTimeout: 20, // seconds; a busy machine may be late
		GrpcOptions: []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer))},
	}
	if net.ParseIP(c.Host) != nil && net.ParseIP(c.Host).To4() == nil {
		c.Host = "[" + c.Host + "]"
	}
	if p := u.Port(); p != "" {
		if c.Port, err = strconv.Atoi(p); err != nil || c.Port < 1 || c.Port > 65535 {
			return nil, wrong
		}
	}
	return c, nil
}

// distance is the server's name of the metric.
func (o Options) distance() pb.Distance {
	switch o.Metric {
	case vector.Cosine:
		return pb.Distance_Cosine
	case vector.Dot:
		return pb.Distance_Dot
	case vector.L2:
		return pb.Distance_Euclid
	}
	return pb.Distance_Manhattan // of bits, the number that differs
}
