package server

import (
	"cmp"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/rs/cors"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
)

// Server answers requests. It is an [http.Handler] for any mux and prefix, safe for
// concurrent use.
type Server struct {
	opt     Options
	serving Pipelines
	routes  []route
	handler http.Handler
	mux     *http.ServeMux
	limit   *limiter
	flight  atomic.Int64 // requests that are worked on
	streams atomic.Int64 // requests that are answered in pieces
	held    atomic.Int64 // bytes of bodies
	bodies  sync.Pool    // of *received
	started time.Time
	health  *monitor.Health
	openapi []byte

	texts  perTask[textPipeline]
	images perTask[imagePipeline]
	sounds perTask[soundPipeline]
	graphs perTask[graphPipeline]
}

// New returns a server of these pipelines. Options that make no sense are
// [quintet.ErrOption].
func New(p Pipelines, o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{opt: o, serving: p, mux: http.NewServeMux(), started: time.Now(), health: o.Health}
	s.bodies.New = func() any { return &received{b: make([]byte, 0, firstPart)} }
	if s.health == nil {
		if s.health, err = monitor.NewHealth(monitor.HealthOptions{}); err != nil {
			return nil, err
		}
	}
	if s.limit, err = newLimiter(o); err != nil {
		return nil, err
	}
	s.serving.TranscriberName = cmp.Or(p.TranscriberName, "whisper-1")
	s.serving.EmbedderName = cmp.Or(p.EmbedderName, "quintet-lexical")
	if err := s.build(); err != nil {
		return nil, err
	}
	sessions, err := s.sessionRoutes()
	if err != nil {
		return nil, err
	}
	s.routes = slices.Concat(s.baseRoutes(), sessions, s.domainRoutes(), s.vectorRoutes(), s.jobRoutes(), s.subjectRoutes(), s.openAIRoutes(), s.transcriptionRoutes(), s.kserveRoutes())
	for _, rt := range s.routes {
		s.mux.Handle(rt.method+" "+rt.pattern, s.serve(rt))
	}
	s.mux.HandleFunc("/", s.unknown)
	if s.openapi, err = s.describe(); err != nil {
		return nil, err
	}
	s.handler, err = s.around(s.mux)
	return s, err
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// around puts what holds for all routes around the mux.
func (s *Server) around(inner http.Handler) (http.Handler, error) {
	zip, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.RandomJitter(32, 0, false))
	if err != nil {
		return nil, fmt.Errorf("gzip: %w: %w", err, quintet.ErrOption)
	}
	cross := http.NewCrossOriginProtection()
	for _, origin := range s.opt.Origins {
		if origin == "*" {
			continue // it may read; pages of anybody may not act with a caller's cookies
		}
		if err := cross.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("origin %q: %w: %w", origin, err, quintet.ErrOption)
		}
	}
	h := http.Handler(zip(inner))
	if len(s.opt.Origins) > 0 {
		h = cors.New(cors.Options{
			AllowedOrigins: s.opt.Origins,
			AllowedMethods: []string{http.MethodGet, http.MethodPost, http.MethodDelete},
			AllowedHeaders: []string{"Authorization", "Content-Type", "X-Api-Key", "X-Request-Id"},
			ExposedHeaders: []string{"X-Request-Id", "Location", "Retry-After"},
			MaxAge:         600,
		}).Handler(h)
	}
	return s.observe(s.protect(h, cross)), nil
}

// unknown answers what no route takes: 405 if one of another method would, else 404.
func (s *Server) unknown(w http.ResponseWriter, r *http.Request) {
	var others []string
	for _, m := range []string{http.MethodDelete, http.MethodGet, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := s.mux.Handler(other); pattern != "/" && pattern != "" {
			others = append(others, m)
		}
	}
	if len(others) == 0 {
		fail(w, r, fmt.Errorf("no route %q: %w", r.URL.Path, errNotFound))
		return
	}
	w.Header().Set("Allow", strings.Join(others, ", "))
	fail(w, r, fmt.Errorf("%s of %q: %w", r.Method, r.URL.Path, errMethod))
}

// Handle wraps a pipeline for any mux: the body of a POST is one In as JSON, the answer
// one Out. Bodies are at most 1 MiB; errors are problems as those of a [Server].
// Nobody is asked who they are.
func Handle[In, Out any](p quintet.Pipeline[In, Out]) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			fail(w, r, fmt.Errorf("%s: %w", r.Method, errMethod))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		var in In
		if err := readJSON(r, &in); err != nil {
			fail(w, r, err)
			return
		}
		out, err := p.Run(r.Context(), in)
		if err != nil {
			fail(w, r, err)
			return
		}
		send(w, http.StatusOK, out)
	})
}

// moduleVersion is the version of the program's main module, "(devel)" if it was not
// built from a release.
func moduleVersion() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		return b.Main.Version
	}
	return "(devel)"
}

// inFlight is the default bound of requests that are worked on at a time: enough to
// keep the processors busy, few enough that none waits long.
func inFlight() int { return max(16, 8*runtime.GOMAXPROCS(0)) }
