package dashboard_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/server/dashboard"
)

// BenchmarkDashboard is what a sample costs and what a page that is looked at asks for,
// with all the points and with the newest.
func BenchmarkDashboard(b *testing.B) {
	for _, series := range []int{10, 1000} {
		metrics, err := monitor.NewMetrics(monitor.MetricsOptions{})
		require.NoError(b, err)
		for i := range series {
			metrics.Observe(quintet.Event{Pipeline: fmt.Sprint("p", i%20), Op: fmt.Sprint(i), Took: time.Millisecond})
		}
		board, err := dashboard.New(dashboard.Options{Metrics: metrics, Interval: time.Hour})
		require.NoError(b, err)
		at := time.Now()
		b.Run(fmt.Sprintf("series=%d/sample", series), func(b *testing.B) {
			for b.Loop() {
				at = at.Add(2 * time.Second)
				board.Sample(at)
			}
		})
		for name, query := range map[string]string{"all": "", "newest": fmt.Sprintf("?pipeline=p0&after=%d", at.UnixMilli()-1)} {
			b.Run(fmt.Sprintf("series=%d/data=%s", series, name), func(b *testing.B) {
				size := 0
				for b.Loop() {
					w := httptest.NewRecorder()
					board.ServeHTTP(w, httptest.NewRequest("GET", "/data.json"+query, nil))
					size = w.Body.Len()
				}
				b.ReportMetric(float64(size), "bytes")
			})
		}
		require.NoError(b, board.Close())
	}
}
