package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/quintet-ai/quintet/server/auth"
)

// route is one row of the table from which the mux, the OpenAPI document and the tests
// of permissions are made.
type route struct {
	method, pattern string
	permission      string // "" for everybody
	tag, summary    string
	maxBody         int64                    // 0 for Options.MaxBody
	quick           bool                     // answers from memory: neither shed nor limited
	piecewise       func(*http.Request) bool // whether the handler reads the body itself; nil for never
	stream          string                   // media type of an answer in pieces; "" for none
	piece           any                      // a zero value of such a piece
	query           []string                 // parameters of the URL
	page            bool                     // people look at it: who is not logged in may do so
	about           bool                     // the path names a person, who is not written where paths are
	empty           bool                     // answers 204
	accepts         bool                     // may answer 202 with a job
	request         any                      // a zero value of the body's type; nil for none
	response        any                      // the same for the answer
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

// serve makes a handler of a route.
func (s *Server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st := stateOf(r)
		st.route = rt
		if rt.about {
			st.about = r.PathValue("id")
		}
		defer s.leave(st)
		in, err := s.enter(w, r, st)
		if err == nil {
			err = rt.serve(w, in)
		}
		if err != nil {
			err = s.failed(r, st, err)
			switch {
			case st.began: // it is too late for another answer
			case s.wantsLogin(r, rt, err):
				toLogin(w, r)
			default:
				fail(w, r, err)
			}
		}
	})
}

// enter lets a request in: who, may they, how often, how much, how long. A slot is taken
// when the body is there, so that who sends slowly keeps nobody from being worked on.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, st *state) (*http.Request, error) {
	if !st.route.quick && s.flight.Load() >= int64(s.opt.InFlight) {
		return nil, errFull
	}
	if err := s.admit(r, st, st.route); err != nil {
		return nil, err
	}
	st.base = auth.NewContext(r.Context(), st.principal)
	if st.route.piecewise != nil && st.route.piecewise(r) {
		r.Body = &paced{r.Body, st.conn, s.opt.Timeout}
		return s.asStream(r)
	}
	body, err := s.receive(w, r, st)
	if err != nil {
		return nil, err
	}
	if !st.route.quick {
		if err := st.take(&s.flight, s.opt.InFlight); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(st.base, s.opt.Timeout)
	st.cancel = cancel
	r = r.WithContext(ctx)
	r.Body = body
	return r, nil
}

// asStream makes a request one that is answered in pieces. It is counted apart from the
// others, and Timeout bounds each piece instead of the whole.
func (s *Server) asStream(r *http.Request) (*http.Request, error) {
	st := stateOf(r)
	if err := st.take(&s.streams, s.opt.Streams); err != nil {
		return nil, err
	}
	return r.WithContext(st.base), nil
}

// leave gives back what a request holds.
func (s *Server) leave(st *state) {
	st.release()
	if st.cancel != nil {
		st.cancel()
	}
	s.forget(st.body)
}

// errFull is what comes while enough is being worked on. It is refused at once, but for
// routes that answer from memory: a busy server is not an ill one.
var errFull = fmt.Errorf("enough requests are worked on: %w", errOverloaded)

// take takes a slot in place of the one that the request has.
func (st *state) take(slots *atomic.Int64, most int) error {
	if slots.Add(1) > int64(most) {
		slots.Add(-1)
		return errFull
	}
	st.release()
	st.slot.Store(slots)
	return nil
}

// release gives the slot back, if there is one.
func (st *state) release() {
	if slots := st.slot.Swap(nil); slots != nil {
		slots.Add(-1)
	}
}

// admit decides whether a request may be worked on.
func (s *Server) admit(r *http.Request, st *state, rt route) error {
	if err := s.limit.address(st.remote, rt); err != nil || rt.permission == "" {
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
