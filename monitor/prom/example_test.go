package prom_test

import (
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/monitor/prom"
)

func ExampleNew() {
	metrics, err := monitor.NewMetrics(monitor.MetricsOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := prom.New(prom.Options{Metrics: metrics})
	if err != nil {
		fmt.Println(err)
		return
	}
	metrics.Observe(quintet.Event{Pipeline: "text", Op: "RunBatch", Items: 32})

	answer := httptest.NewRecorder()
	e.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	for line := range strings.Lines(answer.Body.String()) {
		if strings.HasPrefix(line, "quintet_items_total") {
			fmt.Print(line)
		}
	}
	// Output:
	// quintet_items_total{op="RunBatch",pipeline="text"} 32
}
