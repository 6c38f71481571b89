package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/server/jobs"
)

// jobRoutes are those of batches and background jobs.
func (s *Server) jobRoutes() []route {
	all := []route{{
		method: http.MethodPost, pattern: "/api/v1/batch/process", permission: "batch:process", tag: "batch",
		summary: "Process many items, now or as a job", maxBody: largeBody, request: BatchRequest{},
		response: BatchResponse{}, serve: s.batch, accepts: true, piecewise: ofLines,
		stream: linesType, piece: BatchResult{}, query: []string{"operation_type", "operations", "batch_size"},
	}}
	if s.serving.Jobs == nil {
		return all
	}
	one := func(method, pattern, permission, summary string, response any, f func(http.ResponseWriter, *http.Request) error) {
		all = append(all, route{
			method: method, pattern: pattern, permission: permission, tag: "jobs", summary: summary, response: response, serve: f,
		})
	}
	one(http.MethodGet, "/api/v1/jobs", "jobs:read", "Jobs of the caller, the newest first", JobList{}, s.listJobs)
	one(http.MethodGet, "/api/v1/jobs/{id}", "jobs:read", "A job with its result", jobs.Info{}, s.getJob)
	one(http.MethodDelete, "/api/v1/jobs/{id}", "jobs:cancel", "Cancel a job", jobs.Info{}, s.cancelJob)
	one(http.MethodPost, "/api/v1/jobs/{id}/retry", "jobs:retry", "Try a failed job again", jobs.Info{}, s.retryJob)
	if len(s.serving.Kinds) > 0 {
		one(http.MethodPost, "/api/v1/jobs", "jobs:add", "Add a job", jobs.Info{}, s.addJob)
		last := &all[len(all)-1]
		last.request, last.accepts = JobRequest{}, true
	}
	return all
}

// JobRequest is the body of POST /api/v1/jobs.
type JobRequest struct {
	Kind      string        `json:"kind"`                 // one of Pipelines.Kinds
	Args      rawJSON       `json:"args,omitempty"`       // what the kind takes
	Priority  jobs.Priority `json:"priority,omitempty"`   // default: normal
	RunAt     time.Time     `json:"run_at,omitzero"`      // default: now
	UniqueKey string        `json:"unique_key,omitempty"` // a second job with the same is the first
}

// JobList is the answer of GET /api/v1/jobs.
type JobList struct {
	Jobs []jobs.Info `json:"jobs"` // without arguments and results
}

// owner is whose jobs a request is about.
func owner(r *http.Request) string {
	p, _ := auth.FromContext(r.Context())
	return p.Owner()
}

func (s *Server) addJob(w http.ResponseWriter, r *http.Request) error {
	var q JobRequest
	if err := readJSON(r, &q); err != nil {
		return err
	}
	if !slices.Contains(s.serving.Kinds, q.Kind) {
		return fmt.Errorf("no kind %.50q: %w", q.Kind, quintet.ErrInput)
	}
	info, err := s.serving.Jobs.Enqueue(r.Context(), jobs.Spec{
		Kind: q.Kind, Args: q.Args, Priority: q.Priority, RunAt: q.RunAt, UniqueKey: q.UniqueKey, Owner: owner(r),
	})
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/jobs/"+info.ID)
	send(w, http.StatusAccepted, info)
	return nil
}

func (s *Server) listJobs(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := jobs.Filter{Owner: owner(r), Kind: q.Get("kind"), State: jobs.State(q.Get("state"))}
	if v := q.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 1000 {
			return fmt.Errorf("limit is %.20q, want 1 to 1,000: %w", v, quintet.ErrInput)
		}
		f.Limit = n
	}
	all, err := s.serving.Jobs.List(r.Context(), f)
	if err != nil {
		return err
	}
	send(w, http.StatusOK, JobList{some(all)})
	return nil
}

func (s *Server) getJob(w http.ResponseWriter, r *http.Request) error {
	info, err := s.serving.Jobs.Get(r.Context(), owner(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	info.Args = nil // the caller knows them, and they may be large
	send(w, http.StatusOK, info)
	return nil
}

func (s *Server) cancelJob(w http.ResponseWriter, r *http.Request) error {
	if err := s.serving.Jobs.Cancel(r.Context(), owner(r), r.PathValue("id")); err != nil {
		return err
	}
	return s.getJob(w, r)
}

func (s *Server) retryJob(w http.ResponseWriter, r *http.Request) error {
	if err := s.serving.Jobs.Retry(r.Context(), owner(r), r.PathValue("id")); err != nil {
		return err
	}
	return s.getJob(w, r)
}

// RegisterJobs gives a mux the kinds of job that the server knows: "batch", and "text",
// "image" and "vector", whose arguments are the bodies of the routes, "performance",
// "health" and "cleanup", which take none.
func (s *Server) RegisterJobs(m *jobs.Mux) error {
	type none struct{}
	errs := []error{
		register(m, "batch", s.runBatch),
		register(m, "performance", func(context.Context, none) (SystemInfo, error) { return s.system(), nil }),
		register(m, "health", func(context.Context, none) (monitor.HealthReport, error) { return s.health.Report(), nil }),
		register(m, "cleanup", func(context.Context, none) (SystemInfo, error) {
			debug.FreeOSMemory()
			return s.system(), nil
		}),
	}
	if s.serving.Text != nil {
		errs = append(errs, register(m, "text", s.text))
	}
	if s.serving.Vision != nil {
		errs = append(errs, register(m, "image", s.image))
	}
	if s.vectors() {
		errs = append(errs, register(m, "vector", s.search))
	}
	return errors.Join(errs...)
}

// register makes f the handler of a kind, called on behalf of the owner of the job.
func register[A, R any](m *jobs.Mux, kind string, f func(context.Context, A) (R, error)) error {
	return jobs.Register(m, kind, func(ctx context.Context, args A) (R, error) {
		if info, ok := jobs.FromContext(ctx); ok {
			p, _ := auth.ParseOwner(info.Owner)
			ctx = auth.NewContext(ctx, p)
		}
		return f(ctx, args)
	}, jobs.KindOptions{Timeout: time.Hour, MaxAttempts: 3})
}
