package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/quintet-ai/quintet/server/auth"
)

// route is one row of the table from which the mux, the OpenAPI document and the tests
// of permissions are made.
type route struct {
	method, pattern string
	permission      string // "" for everybody
	tag, summary    string
	maxBody         int64 // 0 for Options.MaxBody
	quick           bool  // answers from memory: neither shed nor limited
	accepts         bool  // may answer 202 with a job
	request         any   // a zero value of the body's type; nil for none
	response        any   // the same for the answer
	serve           func(w http.ResponseWriter, r *http.Request) error
}

// name is the route in logs, metrics and audits.
func (rt route) name() string { return rt.method + " " + rt.pattern }

// largeBody bounds pictures, sounds, vectors and batches.
const largeBody = 32 << 20

func (s *Server) maxBody(rt route) int64 {
	if s.opt.MaxBody > 0 {
		return s.opt.MaxBody
	}
	return cmp.Or(rt.maxBody, 1<<20)
}

// serve makes a handler of a route: who, may they, how often, how much, how long.
func (s *Server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st := stateOf(r)
		st.route = rt
		if !rt.quick {
			defer s.flight.Add(-1)
		}
		if err := s.admit(r, st, rt); err != nil {
			fail(w, r, s.failed(r, st, err))
			return
		}
		ctx := auth.NewContext(r.Context(), st.principal)
		ctx, cancel := context.WithTimeout(ctx, s.opt.Timeout)
		defer cancel()
		r = r.WithContext(ctx)
		if r.Body != nil {
			r.Body = http.MaxBytesReader(w, r.Body, s.maxBody(rt))
		}
		if err := rt.serve(w, r); err != nil {
			fail(w, r, s.failed(r, st, err))
		}
	})
}

// admit decides whether a request may be worked on. What comes while enough is being
// worked on is refused at once, but for routes that answer from memory: a busy server is
// not an ill one.
func (s *Server) admit(r *http.Request, st *state, rt route) error {
	if !rt.quick && s.flight.Add(1) > int64(s.opt.InFlight) {
		return fmt.Errorf("%d requests are worked on: %w", s.opt.InFlight, errOverloaded)
	}
	if rt.permission == "" {
		return nil
	}
	if err := s.limit.address(st.remote, rt); err != nil {
		return err
	}
	p, err := s.opt.Auth.Authenticate(r)
	if err != nil {
		return err
	}
	st.principal = p
	if !s.opt.Policy.Allows(p, rt.permission) {
		return fmt.Errorf("%s needs the permission %s: %w", rt.name(), rt.permission, errForbidden)
	}
	return s.limit.principal(p, 1, rt)
}

// failed notes an error for the log and returns it.
func (s *Server) failed(r *http.Request, st *state, err error) error {
	if errors.Is(err, context.Canceled) && r.Context().Err() == nil {
		err = fmt.Errorf("canceled inside: %v", err) // not by the caller
	}
	st.err = err
	return err
}
