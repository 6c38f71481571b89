package dashboard

import (
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/server/jobs"
)

// Bounds of what is sent to the page at a time.
const (
	maxAlerts     = 100
	maxOperations = 50
	maxFigures    = 200
)

// number is a float64 that is null in JSON when it is none, with four digits.
type number float64

// MarshalJSON implements [json.Marshaler].
func (n number) MarshalJSON() ([]byte, error) {
	if v := float64(n); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', 4, 64), nil
}

// view is what data.json says.
type view struct {
	Name       string                 `json:"name"`
	Version    string                 `json:"version"`
	Now        time.Time              `json:"now"`
	Uptime     float64                `json:"uptime"`   // seconds
	Interval   float64                `json:"interval"` // seconds
	CanAct     bool                   `json:"can_act"`
	Pipelines  []string               `json:"pipelines"`
	Pipeline   string                 `json:"pipeline"` // whose points these are
	Points     points                 `json:"points"`
	Operations []operation            `json:"operations"`
	MoreOps    int                    `json:"more_operations"`
	Health     *monitor.HealthReport  `json:"health,omitempty"`
	Alerts     *alertsView            `json:"alerts,omitempty"`
	Jobs       *jobsView              `json:"jobs,omitempty"`
	Devices    []optimize.Device      `json:"devices,omitempty"`
	Models     []model                `json:"models,omitempty"`
	Sessions   *optimize.SessionStats `json:"sessions,omitempty"`
	Figures    []figure               `json:"figures,omitempty"`
}

// points are the columns of the charts, the oldest first.
type points struct {
	T          []int64  `json:"t"`      // milliseconds since 1970
	Calls      []number `json:"calls"`  // a second
	Failed     []number `json:"failed"` // a second
	P50        []number `json:"p50"`    // seconds
	P95        []number `json:"p95"`
	P99        []number `json:"p99"`
	Waited     []number `json:"waited"`  // seconds, 95th percentile
	Queued     []number `json:"queued"`  // jobs
	Running    []number `json:"running"` // jobs
	Heap       []number `json:"heap"`    // bytes
	Goroutines []number `json:"goroutines"`
}

// operation is a row of the table, about the last minute unless it says otherwise.
type operation struct {
	Pipeline string `json:"pipeline"`
	Op       string `json:"op"`
	Total    uint64 `json:"total"`  // calls since the start
	Calls    number `json:"calls"`  // a second
	Failed   number `json:"failed"` // share of calls
	Hits     number `json:"hits"`   // share of calls that a cache answered
	Batch    number `json:"batch"`  // mean size
	P50      number `json:"p50"`    // seconds
	P95      number `json:"p95"`
	P99      number `json:"p99"`
}

type alertsView struct {
	Active   []alertView        `json:"active"`
	More     int                `json:"more"`
	Silences []monitor.Silence  `json:"silences"`
	Stats    monitor.AlertStats `json:"stats"`
}

type alertView struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Severity monitor.Severity  `json:"severity"`
	Labels   map[string]string `json:"labels,omitempty"`
	Summary  string            `json:"summary"`
	Starts   time.Time         `json:"starts"`
	State    monitor.State     `json:"state"`
	By       string            `json:"by,omitempty"`
}

type jobsView struct {
	Stats  jobs.Stats `json:"stats"`
	Newest []jobView  `json:"newest"`
}

type jobView struct {
	ID       string        `json:"id"`
	Kind     string        `json:"kind"`
	State    jobs.State    `json:"state"`
	Priority jobs.Priority `json:"priority"`
	Attempt  int           `json:"attempt"`
	Created  time.Time     `json:"created"`
	Started  time.Time     `json:"started,omitzero"`
	Finished time.Time     `json:"finished,omitzero"`
	Owner    string        `json:"owner,omitempty"`
	Error    string        `json:"error,omitempty"`
}

type model struct {
	Name    string `json:"name"`
	Device  string `json:"device"`
	Inputs  int    `json:"inputs"`
	Outputs int    `json:"outputs"`
}

type figure struct {
	Name   string            `json:"name"`
	Help   string            `json:"help,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	Value  number            `json:"value"`
}

func newJobsView(stats jobs.Stats, newest []jobs.Info, details bool) *jobsView {
	v := &jobsView{Stats: stats, Newest: make([]jobView, len(newest))}
	for i, j := range newest {
		v.Newest[i] = jobView{
			ID: j.ID, Kind: j.Kind, State: j.State, Priority: j.Priority, Attempt: j.Attempt,
			Created: j.Created, Started: j.Started, Finished: j.Finished,
		}
		if details {
			v.Newest[i].Owner, v.Newest[i].Error = j.Owner, j.Error
		}
	}
	return v
}

// data answers with the state now and the points after the one that the page has.
func (d *Dashboard) data(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.ParseInt(r.FormValue("after"), 10, 64) // what is no number asks for all
	v := d.look(r.FormValue("pipeline"), after)
	b, err := json.Marshal(v)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "internal", "the figures have no JSON form")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b)
}

func (d *Dashboard) look(pipeline string, after int64) view {
	now := time.Now()
	v := view{
		Name: d.opt.Name, Version: d.opt.Version, Now: now, Uptime: now.Sub(d.started).Seconds(),
		Interval: d.opt.Interval.Seconds(), CanAct: d.opt.Alerts != nil && !d.opt.ReadOnly,
	}
	d.history(&v, pipeline, after)
	if d.opt.Health != nil {
		h := d.opt.Health.Report()
		v.Health = &h
	}
	if d.opt.Alerts != nil {
		v.Alerts = d.alerts()
	}
	if d.opt.Runtime != nil {
		stats := d.opt.Runtime.SessionStats()
		v.Devices, v.Sessions = d.opt.Runtime.Devices(), &stats
	}
	for _, name := range slices.Sorted(maps.Keys(d.opt.Models)) {
		m := d.opt.Models[name]
		v.Models = append(v.Models, model{name, m.Device(), len(m.Inputs()), len(m.Outputs())})
	}
	return v
}

// history fills in what was sampled.
func (d *Dashboard) history(v *view, pipeline string, after int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = v.Now
	v.Pipelines = append([]string{}, d.pipelines...)
	if v.Pipeline = pipeline; !slices.Contains(v.Pipelines, pipeline) {
		v.Pipeline = ""
		if len(v.Pipelines) > 0 {
			v.Pipeline = v.Pipelines[0]
		}
		if slices.Contains(v.Pipelines, "http") { // what callers see
			v.Pipeline = "http"
		}
		if v.Pipeline != pipeline {
			after = 0 // the page has points of another
		}
	}
	for _, s := range d.samples {
		if t := s.at.UnixMilli(); t > after {
			v.Points.add(t, s, v.Pipeline)
		}
	}
	v.Operations = d.operations[:min(len(d.operations), maxOperations)]
	v.MoreOps = len(d.operations) - len(v.Operations)
	v.Jobs = d.jobs
	for _, g := range d.gauges[:min(len(d.gauges), maxFigures)] {
		v.Figures = append(v.Figures, figure{g.Name, g.Help, g.Labels, number(g.Value)})
	}
}

func (p *points) add(t int64, s sample, pipeline string) {
	f, ok := s.flows[pipeline]
	if !ok {
		none := math.NaN()
		f.p50, f.p95, f.p99, f.waited = none, none, none, none
		if s.flows == nil { // the first sample has none before it
			f.calls, f.failed = none, none
		}
	}
	p.T = append(p.T, t)
	for _, c := range []struct {
		to *[]number
		v  float64
	}{
		{&p.Calls, f.calls}, {&p.Failed, f.failed}, {&p.P50, f.p50}, {&p.P95, f.p95}, {&p.P99, f.p99}, {&p.Waited, f.waited},
		{&p.Queued, s.queued}, {&p.Running, s.running}, {&p.Heap, s.heap}, {&p.Goroutines, s.goroutines},
	} {
		*c.to = append(*c.to, number(c.v))
	}
}

func (d *Dashboard) alerts() *alertsView {
	active, silences := d.opt.Alerts.Active(), d.opt.Alerts.Silences()
	shown := active[:min(len(active), maxAlerts)]
	v := &alertsView{
		Active: make([]alertView, len(shown)), More: len(active) - len(shown),
		Silences: append([]monitor.Silence{}, silences[:min(len(silences), maxAlerts)]...), Stats: d.opt.Alerts.Stats(),
	}
	for i, a := range shown {
		v.Active[i] = alertView{a.ID, a.Name, a.Severity, a.Labels, a.Summary, a.Starts, a.State, a.By}
	}
	return v
}
