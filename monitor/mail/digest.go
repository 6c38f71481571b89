package mail

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"github.com/quintet-ai/quintet/monitor"
)

func (n *notifier) message(alerts []monitor.Alert) (*gomail.Msg, error) {
	m := gomail.NewMsg()
	if err := m.From(n.opt.From); err != nil {
		return nil, err
	}
	if err := m.To(n.opt.To...); err != nil {
		return nil, err
	}
	alerts = slices.Clone(alerts)
	slices.SortStableFunc(alerts, func(a, b monitor.Alert) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.Name, b.Name), a.Starts.Compare(b.Starts))
	})
	m.Subject(n.opt.Subject + " " + subject(alerts))
	m.SetDate()
	m.SetMessageID()
	m.SetGenHeader("Auto-Submitted", "auto-generated") // no answer of a machine, please: RFC 3834
	m.SetBodyString(gomail.TypeTextPlain, body(alerts, n.opt.MaxAlerts))
	return m, nil
}

// order is less for what should be read first.
func order(a monitor.Alert) int {
	if a.Resolved() {
		return 1
	}
	return -int(a.Severity)
}

// subject is about the one alert, or counts.
func subject(alerts []monitor.Alert) string {
	if len(alerts) == 1 {
		return shortened(title(alerts[0])+": "+oneLine(alerts[0].Summary), 150)
	}
	counts := make(map[string]int)
	for _, a := range alerts {
		counts[state(a)]++
	}
	var parts []string
	for _, s := range []string{"CRITICAL", "ERROR", "WARNING", "INFO", "RESOLVED"} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	return strings.Join(parts, ", ")
}

func state(a monitor.Alert) string {
	if a.Resolved() {
		return "RESOLVED"
	}
	return strings.ToUpper(a.Severity.String())
}

func title(a monitor.Alert) string { return state(a) + " " + oneLine(a.Name) }

// body has a paragraph for each alert.
func body(alerts []monitor.Alert, limit int) string {
	var b strings.Builder
	for i, a := range alerts {
		if i == limit {
			fmt.Fprintf(&b, "and %d more\n", len(alerts)-i)
			break
		}
		fmt.Fprintf(&b, "%s\n  %s\n", title(a), shortened(oneLine(a.Summary), 2000))
		for _, k := range slices.Sorted(maps.Keys(a.Labels)) {
			fmt.Fprintf(&b, "  %s: %s\n", oneLine(k), shortened(oneLine(a.Labels[k]), 500))
		}
		fmt.Fprintf(&b, "  since: %s\n", a.Starts.UTC().Format(time.RFC3339))
		if a.Resolved() {
			fmt.Fprintf(&b, "  until: %s\n", a.Ends.UTC().Format(time.RFC3339))
		}
		fmt.Fprintf(&b, "  value: %g\n  fingerprint: %s\n\n", a.Value, a.Fingerprint())
	}
	return b.String()
}

// oneLine puts a space for each control character and for what ends a line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

func shortened(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
