package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/optimize"
)

// baseRoutes are there whatever the pipelines are.
func (s *Server) baseRoutes() []route {
	get := func(pattern, permission, summary string, response any, f func(http.ResponseWriter, *http.Request) error) route {
		return route{
			method: http.MethodGet, pattern: pattern, permission: permission, tag: "service", summary: summary,
			quick: true, response: response, serve: f,
		}
	}
	all := []route{
		get("/{$}", "", "Name, version and what there is", Index{}, s.index),
		get("/health", "", "State of all checks", Health{}, s.healthReport),
		get("/healthz", "", "Whether the process should go on", nil, passTo(s.health.LiveHandler())),
		get("/readyz", "", "Whether the process should get requests", nil, passTo(s.health.ReadyHandler())),
		get("/openapi.json", "", "This document", nil, s.document),
		get("/api/v1/system/info", "system:info", "Versions, processor, devices, models", SystemInfo{}, s.systemInfo),
		{
			method: http.MethodPost, pattern: "/api/v1/optimize/performance", permission: "optimize:run", tag: "service",
			summary: "Measured figures, and actions that free memory", request: PerformanceRequest{},
			response: Performance{}, serve: s.performance,
		},
	}
	all = append(all, s.explorerRoutes()...)
	if s.opt.Metrics != nil {
		all = append(all, get("/metrics", "monitor:read", "Metrics for Prometheus", nil, passTo(s.opt.Metrics)))
	}
	if s.opt.Dashboard != nil {
		inside := s.withToken(http.StripPrefix("/dashboard", s.opt.Dashboard))
		page := get("/dashboard/{path...}", "monitor:read", "Page with live figures", nil, passTo(inside))
		page.page = true
		all = append(all, page)
		act := get("/dashboard/{path...}", "monitor:act", "Acknowledge and silence alerts", nil, passTo(inside))
		act.method, act.quick = http.MethodPost, false
		all = append(all, act)
	}
	return all
}

func passTo(h http.Handler) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		h.ServeHTTP(w, r)
		return nil
	}
}

// Index is the answer of GET /.
type Index struct {
	Name         string   `json:"name"`         // "quintet"
	Version      string   `json:"version"`      // of the service
	Capabilities []string `json:"capabilities"` // such as "text" or "embeddings"
	Docs         string   `json:"docs"`         // path of the OpenAPI document
}

func (s *Server) index(w http.ResponseWriter, _ *http.Request) error {
	i := Index{Name: "quintet", Version: s.opt.Version, Docs: "/openapi.json", Capabilities: []string{}}
	for _, rt := range s.routes {
		if rt.tag != "service" && !slices.Contains(i.Capabilities, rt.tag) {
			i.Capabilities = append(i.Capabilities, rt.tag)
		}
	}
	send(w, http.StatusOK, i)
	return nil
}

// Health is the answer of GET /health. Only callers with the permission monitor:read
// see the checks, whose errors may name hosts.
type Health struct {
	Status   monitor.Status        `json:"status"`           // the worst of the checks
	Draining bool                  `json:"draining"`         // the server is about to stop
	Uptime   float64               `json:"uptime"`           // seconds
	Checks   []monitor.CheckReport `json:"checks,omitempty"` // see above
}

func (s *Server) healthReport(w http.ResponseWriter, r *http.Request) error {
	report := s.health.Report()
	h := Health{Status: report.Status, Draining: report.Draining, Uptime: time.Since(s.started).Seconds()}
	if p, err := s.opt.Auth.Authenticate(r); err == nil && s.opt.Policy.Allows(p, "monitor:read") {
		h.Checks = report.Checks
	}
	status := http.StatusOK
	if report.Status == monitor.Down || report.Draining {
		status = http.StatusServiceUnavailable
	}
	send(w, status, h)
	return nil
}

func (s *Server) document(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(s.openapi)
	return err
}

// SystemInfo is the answer of GET /api/v1/system/info.
type SystemInfo struct {
	Version    string                `json:"version"`     // of the service
	Go         string                `json:"go"`          // version
	OS         string                `json:"os"`          // and architecture, such as "linux/amd64"
	CPUs       int                   `json:"cpus"`        // that Go uses
	Goroutines int                   `json:"goroutines"`  // now
	HeapBytes  uint64                `json:"heap_bytes"`  // in use
	TotalBytes uint64                `json:"total_bytes"` // that Go has from the system
	Uptime     float64               `json:"uptime"`      // seconds
	Devices    []optimize.Device     `json:"devices"`     // of the runtime
	Models     optimize.SessionStats `json:"models"`      // of the runtime
}

func (s *Server) systemInfo(w http.ResponseWriter, _ *http.Request) error {
	send(w, http.StatusOK, s.system())
	return nil
}

func (s *Server) system() SystemInfo {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return SystemInfo{
		Version: s.opt.Version, Go: runtime.Version(), OS: runtime.GOOS + "/" + runtime.GOARCH,
		CPUs: runtime.GOMAXPROCS(0), Goroutines: runtime.NumGoroutine(), HeapBytes: m.HeapAlloc, TotalBytes: m.Sys,
		Uptime: time.Since(s.started).Seconds(), Devices: some(s.opt.Runtime.Devices()), Models: s.opt.Runtime.SessionStats(),
	}
}

// PerformanceRequest is the body of POST /api/v1/optimize/performance.
type PerformanceRequest struct {
	Actions []string `json:"actions,omitempty"` // names of Options.Actions; "gc" is always there
}

// Performance is its answer.
type Performance struct {
	Before  SystemInfo        `json:"before"`            // measured before the actions
	After   SystemInfo        `json:"after"`             // measured after them
	Actions map[string]string `json:"actions,omitempty"` // "done", or why not, by name
}

func (s *Server) performance(w http.ResponseWriter, r *http.Request) error {
	var q PerformanceRequest
	if err := readJSON(r, &q); err != nil {
		return err
	}
	p := Performance{Before: s.system(), Actions: map[string]string{}}
	for _, name := range q.Actions {
		act, ok := s.opt.Actions[name]
		if name == "gc" && !ok {
			act, ok = func() error { debug.FreeOSMemory(); return nil }, true
		}
		if !ok {
			return fmt.Errorf("no action %q: %w", name, quintet.ErrInput)
		}
		p.Actions[name] = "done"
		if err := act(); err != nil {
			p.Actions[name] = err.Error()
		}
	}
	p.After = s.system()
	send(w, http.StatusOK, p)
	return nil
}

// describe makes the OpenAPI document.
func (s *Server) describe() ([]byte, error) {
	doc := newOpenAPI(s.opt.Version)
	for _, rt := range s.routes {
		doc.add(rt)
	}
	b, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	return append(b, '\n'), nil
}

// list reads names from a comma list, as a form sends it.
func list(s string) (names []string) {
	for name := range strings.SplitSeq(s, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}
