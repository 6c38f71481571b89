package server

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/audit"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/vector"
)

// Eraser removes what one part of a service holds of a person and returns how many things
// that were. What is not there is no error.
type Eraser func(ctx context.Context, who auth.Principal) (int, error)

// Erased is the answer of DELETE /api/v1/subjects/{id}.
type Erased struct {
	Subject string         `json:"subject"` // who was erased
	Tenant  string         `json:"tenant"`  // of the caller, and so of the subject
	Erased  map[string]int `json:"erased"`  // how many things of each part; sessions end and are not counted
	Kept    map[string]int `json:"kept"`    // what must stay: records of the audit log
}

// exporter is an Auditor that can tell what it has of somebody, such as an [audit.Log].
type exporter interface {
	Export(who auth.Principal) iter.Seq2[audit.Record, error]
}

// lister is a store that can go through its items, such as a [vector.Collection].
type lister interface {
	All(ctx context.Context) iter.Seq2[vector.Item[string], error]
}

// subjectRoutes are those for what is known of a person.
func (s *Server) subjectRoutes() []route {
	all := []route{{
		method: http.MethodDelete, pattern: "/api/v1/subjects/{id}", permission: "subjects:erase", tag: "subjects", about: true,
		summary: "Erase what is held of a person", response: Erased{}, serve: s.eraseSubject,
	}}
	if _, ok := s.opt.Audit.(exporter); ok {
		all = append(all, route{
			method: http.MethodGet, pattern: "/api/v1/subjects/{id}/audit", permission: "subjects:read", tag: "subjects", about: true,
			summary: "Audit records of a person, a line for each", serve: s.exportSubject, stream: linesType, piece: audit.Record{},
		})
	}
	return all
}

// subject is whom a request is about: somebody of the caller's tenant.
func subject(r *http.Request) (auth.Principal, error) {
	p, _ := auth.FromContext(r.Context())
	who := auth.Principal{Subject: r.PathValue("id"), Tenant: p.Tenant}
	if len(who.Subject) > 256 {
		return who, fmt.Errorf("subject has %d bytes: %w", len(who.Subject), quintet.ErrInput)
	}
	return who, nil
}

// eraseSubject erases every part, also if one of them fails. It may be asked again.
func (s *Server) eraseSubject(w http.ResponseWriter, r *http.Request) error {
	who, err := subject(r)
	if err != nil {
		return err
	}
	out := Erased{Subject: who.Subject, Tenant: who.Tenant, Erased: map[string]int{}, Kept: map[string]int{}}
	var errs []error
	erasers := s.erasers()
	for _, part := range slices.Sorted(maps.Keys(erasers)) {
		n, err := erasers[part](r.Context(), who)
		if err != nil {
			errs = append(errs, fmt.Errorf("erase %s: %w", part, err))
		}
		out.Erased[part] = n
	}
	if log, ok := s.opt.Audit.(exporter); ok {
		for _, err := range log.Export(who) {
			if err = errors.Join(err, r.Context().Err()); err != nil {
				errs = append(errs, fmt.Errorf("audit: %w", err))
				break
			}
			out.Kept["audit"]++
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	send(w, http.StatusOK, out)
	return nil
}

// erasers are those of the parts that the server has, and of the caller's.
func (s *Server) erasers() map[string]Eraser {
	all := map[string]Eraser{}
	if s.serving.Jobs != nil {
		all["jobs"] = func(ctx context.Context, who auth.Principal) (int, error) {
			return s.serving.Jobs.Forget(ctx, who.Owner())
		}
	}
	if s.vectors() {
		all["vectors"] = s.eraseVectors
	}
	if s.opt.Login != nil {
		all["sessions"] = func(ctx context.Context, who auth.Principal) (int, error) {
			return 0, s.opt.Login.Sessions.EndAll(ctx, who) // stores do not count them
		}
	}
	maps.Copy(all, s.opt.Erasers)
	return all
}

// eraseVectors removes the items that name a subject in their metadata.
func (s *Server) eraseVectors(ctx context.Context, who auth.Principal) (erased int, err error) {
	store, err := s.store(ctx)
	if err != nil {
		return 0, err
	}
	items, ok := store.(lister)
	if !ok {
		return 0, fmt.Errorf("the store cannot list its items; give Options.Erasers one for vectors: %w", quintet.ErrUnsupported)
	}
	var ids []string
	for item, err := range items.All(ctx) {
		if err != nil {
			return 0, err
		}
		if item.Meta[s.opt.SubjectMeta] == any(who.Subject) {
			ids = append(ids, item.ID)
		}
	}
	for part := range slices.Chunk(ids, 1000) {
		n, err := store.Delete(ctx, part...)
		if erased += n; err != nil {
			return erased, err
		}
	}
	return erased, nil
}

// exportSubject answers with the audit records of a subject.
func (s *Server) exportSubject(w http.ResponseWriter, r *http.Request) error {
	who, err := subject(r)
	if err != nil {
		return err
	}
	if r, err = s.asStream(r); err != nil {
		return err
	}
	r, out := s.answerPieces(w, r, linesType)
	defer out.end()
	for record, err := range s.opt.Audit.(exporter).Export(who) {
		if err != nil {
			return errors.Join(err, out.line(problemOf(err)))
		}
		if err := out.line(record); err != nil {
			return err
		}
	}
	return r.Context().Err()
}
