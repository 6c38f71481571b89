package dashboard

import (
	"context"
	_ "embed"
	"net/http"
	"sync"
	"time"

	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/server/internal/webpage"
)

//go:embed page.html
var markup string

//go:embed page.css
var style string

//go:embed page.js
var script string

// Dashboard serves the page and its data. It is safe for concurrent use.
type Dashboard struct {
	opt     Options
	mux     *http.ServeMux
	started time.Time
	stop    context.CancelFunc
	loop    sync.WaitGroup

	mu         sync.Mutex
	samples    []sample // the oldest first, at most History
	pipelines  []string // names in samples, sorted
	last       totals   // of the sample before
	lastAt     time.Time
	minute     []monitor.Snapshot // the oldest is at least a minute old, if there is one
	operations []operation
	gauges     []monitor.GaugeValue
	jobs       *jobsView
	asked      time.Time // when somebody last asked for data
}

// New starts to take samples. Options that make no sense are [quintet.ErrOption].
func New(o Options) (*Dashboard, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	d := &Dashboard{opt: o, mux: http.NewServeMux(), started: time.Now(), asked: time.Now()}
	d.mux.Handle("GET /{$}", webpage.New(markup, style, script))
	d.mux.HandleFunc("GET /data.json", d.data)
	d.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "not_found", "no such page")
	})
	if o.Alerts != nil && !o.ReadOnly {
		d.mux.HandleFunc("POST /acknowledge", d.act(d.acknowledge))
		d.mux.HandleFunc("POST /silence", d.act(d.silence))
		d.mux.HandleFunc("POST /unsilence", d.act(d.unsilence))
	}
	ctx, stop := context.WithCancel(context.Background())
	d.stop = stop
	d.sample(ctx, time.Now())
	d.loop.Go(func() { d.watch(ctx) })
	return d, nil
}

// watch takes a sample every Interval.
func (d *Dashboard) watch(ctx context.Context) {
	ticker := time.NewTicker(d.opt.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			d.sample(ctx, now)
		}
	}
}

// ServeHTTP answers one request.
func (d *Dashboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	webpage.Protect(w.Header())
	d.mux.ServeHTTP(w, r)
}

// Close stops taking samples. The page goes on to show the last ones. Closing twice is
// harmless.
func (d *Dashboard) Close() error {
	d.stop()
	d.loop.Wait()
	return nil
}
