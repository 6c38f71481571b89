package dashboard_test

import (
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/dashboard"
)

func ExampleNew() {
	metrics, err := monitor.NewMetrics(monitor.MetricsOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	board, err := dashboard.New(dashboard.Options{Metrics: metrics, Name: "Photos"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer board.Close()
	s, err := server.New(server.Pipelines{}, server.Options{Observer: metrics, Dashboard: board})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := httptest.NewRequest("GET", "http://localhost/dashboard/", nil)
	r.RemoteAddr = "127.0.0.1:4711"
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Header().Get("Content-Type"), strings.Contains(w.Body.String(), "<script>"))
	// Output: 200 text/html; charset=utf-8 true
}
