// Package dashboard is a page with live figures of a service: state and checks,
// throughput, latency, queues, alerts that can be acknowledged and silenced, jobs,
// models and devices. A [Dashboard] is an [http.Handler] for any prefix:
//
//	board, err := dashboard.New(dashboard.Options{Metrics: metrics, Health: health, Alerts: alerts})
//	defer board.Close()
//	s, err := server.New(pipelines, server.Options{Dashboard: board}) // at /dashboard/
//
// The page is one file without anything from elsewhere, works in light and dark, on a
// phone, with a keyboard and with a screen reader, and asks for new figures every
// Interval while it is looked at.
//
// # Safety
//
// What changes something must come from the page itself: it needs a header that a
// form cannot send and must not come from another origin. Names of alerts, checks and
// jobs are shown as text whatever they are; the page's policy forbids markup made by
// scripts. Arguments and results of jobs are never shown.
//
// # Limits
//
// The handler asks nobody who they are: mount it in a server that does, or set
// ReadOnly and serve it to people you trust. History is in memory, of at most History
// points and 16 pipelines, and is gone with the process. At most 100 alerts, 100
// silences and 50 operations are sent to the page; it tells how many more there are.
package dashboard
