// Package mail tells of alerts by e-mail.
//
//	n, err := mail.New(mail.Options{
//		Host: "smtp.example.org", User: "alerts", Password: password,
//		From: "Quintet <alerts@example.org>", To: []string{"ops@example.org"},
//	})
//	alerts, err := monitor.NewAlerts(monitor.AlertsOptions{
//		Rules:  rules,
//		Routes: []monitor.Route{{Notifier: n, MinSeverity: monitor.Error}},
//	})
//
// What a route collected in its Group is one message: a digest in plain text, firing
// alerts before those that are over, the most severe first. The connection must be
// encrypted unless [Options.Security] says otherwise, and a password is never sent
// without that.
//
// # Limits
//
// Texts of alerts are printed on one line each, without control characters, so that
// none can forge a header or another alert. There is one connection for each message.
// A server that took the message and then broke the connection before it said so gets
// it twice.
package mail
