// Package monitor tells whether a service is well, what it does, and whom to wake.
//
// [Health] runs checks in the background and answers at once from what it saw last.
// [Metrics] counts the events of pipelines. [Alerts] turns both into notifications.
// The package needs the standard library only:
//
//	metrics, err := monitor.NewMetrics(monitor.MetricsOptions{})
//	rt, err := optimize.New(optimize.Options{Observer: metrics})
//	health, err := monitor.NewHealth(monitor.HealthOptions{Checks: []monitor.Check{
//		{Name: "database", Run: db.PingContext},
//	}})
//	alerts, err := monitor.NewAlerts(monitor.AlertsOptions{
//		Rules:  []monitor.Rule{monitor.Unhealthy(health), monitor.ErrorRate(metrics, 0.05)},
//		Routes: []monitor.Route{{Notifier: monitor.Log(slog.Default())}},
//	})
//
// # Health
//
// A check runs every Interval in a goroutine of its own. One that does not return is
// down after its Timeout, whether or not it heeds its context, and is not started
// again until it has returned: a hung check costs one goroutine. Its state changes
// only after FailAfter bad or RecoverAfter good runs in a row, so that one lost packet
// moves nothing. A check is unknown until its first run, and what is unknown is not
// ready.
//
// # Alerts
//
// An alert is told apart by its name and labels. It waits For before it fires, is sent
// once, again every Repeat until somebody acknowledges it, and once more when it is
// resolved. Delivery has a bounded queue for each route: what finds it full is counted
// and dropped, and nothing ever waits for a notifier.
//
// # Limits
//
// Counts start at zero with the process. Alerts, silences and acknowledgements are
// kept in memory only: a process that restarts sends a firing alert again. Several
// processes know nothing of one another; let Alertmanager join what they report.
package monitor
