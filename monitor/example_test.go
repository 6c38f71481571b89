package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
)

func ExampleHealth() {
	checked := make(chan struct{})
	h, err := monitor.NewHealth(monitor.HealthOptions{
		Checks: []monitor.Check{
			{Name: "database", Run: func(context.Context) error { return errors.New("connection refused") }},
		},
		OnChange: func(monitor.CheckReport) { close(checked) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer h.Close()
	<-checked
	fmt.Println("live:", h.Live())
	fmt.Println("ready:", h.Ready())
	// Output:
	// live: <nil>
	// ready: check "database": connection refused
}

func ExampleMetrics() {
	m, err := monitor.NewMetrics(monitor.MetricsOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	m.Observe(quintet.Event{Pipeline: "text", Op: "Run", Items: 1, Took: 4 * time.Millisecond})
	m.Observe(quintet.Event{Pipeline: "text", Op: "Run", Items: 1, Err: quintet.ErrBusy})
	for _, p := range m.Snapshot().Pipelines {
		fmt.Println(p.Pipeline, p.Op, p.Calls, p.Errors)
	}
	// Output:
	// text Run 2 map[busy:1]
}

func ExampleAlerts() {
	told := make(chan struct{})
	a, err := monitor.NewAlerts(monitor.AlertsOptions{
		Rules: []monitor.Rule{
			monitor.Above("queue_length", monitor.Warning, func() float64 { return 120 }, 100),
		},
		Routes: []monitor.Route{{Notifier: monitor.NotifierFunc(func(_ context.Context, alerts []monitor.Alert) error {
			for _, a := range alerts {
				fmt.Println(a.Severity, a.Name+":", a.Summary)
			}
			close(told)
			return nil
		})}},
		Group: time.Millisecond,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close()
	<-told
	// Output:
	// warning queue_length: queue_length is 120, limit 100
}
