package monitor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
)

// Slack returns a notifier for an incoming webhook of Slack, and of services that
// take the same: a line for each alert. At most 20 are named, the rest is counted.
func Slack(e Endpoint) (Notifier, error) {
	p, err := e.poster()
	if err != nil {
		return nil, err
	}
	return NotifierFunc(func(ctx context.Context, alerts []Alert) error {
		body, err := json.Marshal(map[string]string{"text": slackText(alerts)})
		if err != nil {
			return fmt.Errorf("%w: %w", err, quintet.ErrInput)
		}
		return p.post(ctx, body, nil)
	}), nil
}

// slackEscape keeps a text from being read as markup or a mention.
var slackEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func slackText(alerts []Alert) string {
	var b strings.Builder
	for i, a := range alerts {
		if i == 20 {
			fmt.Fprintf(&b, "and %d more", len(alerts)-i)
			break
		}
		state := strings.ToUpper(a.Severity.String())
		if a.Resolved() {
			state = "RESOLVED"
		}
		fmt.Fprintf(&b, "*%s* %s: %s%s\n", state, slackEscape.Replace(a.Name), slackEscape.Replace(a.Summary),
			slackEscape.Replace(labelText(a.Labels)))
	}
	return b.String()
}

// labelText prints labels by key, such as " (check=redis, zone=a)".
func labelText(labels map[string]string) string {
	if len(labels) == 0 {
		return ""
	}
	parts := make([]string, 0, len(labels))
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, k+"="+labels[k])
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// PagerDuty returns a notifier for the Events API v2: an alert triggers an incident
// whose key is its fingerprint, and resolves it. Key is the integration key; source
// names this service. An endpoint without a URL is that of PagerDuty.
func PagerDuty(key, source string, e Endpoint) (Notifier, error) {
	if key == "" || source == "" {
		return nil, fmt.Errorf("PagerDuty needs an integration key and a source: %w", quintet.ErrOption)
	}
	e.URL = cmp.Or(e.URL, "https://events.pagerduty.com/v2/enqueue")
	p, err := e.poster()
	if err != nil {
		return nil, err
	}
	return NotifierFunc(func(ctx context.Context, alerts []Alert) error {
		var failed []error
		for _, a := range alerts { // the API takes one at a time; sending one twice does no harm
			body, err := json.Marshal(pagerEventOf(key, source, a))
			if err != nil {
				return fmt.Errorf("%w: %w", err, quintet.ErrInput)
			}
			if err := p.post(ctx, body, nil); err != nil {
				failed = append(failed, err)
			}
		}
		return errors.Join(failed...)
	}), nil
}

type pagerEvent struct {
	RoutingKey  string        `json:"routing_key"`
	EventAction string        `json:"event_action"`
	DedupKey    string        `json:"dedup_key"`
	Payload     *pagerPayload `json:"payload,omitempty"`
}

type pagerPayload struct {
	Summary   string            `json:"summary"`
	Source    string            `json:"source"`
	Severity  string            `json:"severity"`
	Timestamp time.Time         `json:"timestamp"`
	Details   map[string]string `json:"custom_details,omitempty"`
}

func pagerEventOf(key, source string, a Alert) pagerEvent {
	e := pagerEvent{RoutingKey: key, EventAction: "resolve", DedupKey: a.Fingerprint()}
	if !a.Resolved() {
		e.EventAction = "trigger"
		summary := []rune(a.Name + ": " + a.Summary)
		e.Payload = &pagerPayload{
			Summary: string(summary[:min(len(summary), 1024)]), Source: source, Severity: a.Severity.String(),
			Timestamp: a.Starts, Details: a.Labels,
		}
	}
	return e
}

// Alertmanager returns a notifier that posts to the API v2 of Alertmanager: the URL is
// that of its /api/v2/alerts. The label "alertname" is the name, "severity" the
// severity, the annotation "summary" the summary. What is not told again within lasts,
// which should be longer than [AlertsOptions.Repeat], is over for Alertmanager; 0 is 5 h.
func Alertmanager(e Endpoint, lasts time.Duration) (Notifier, error) {
	p, err := e.poster()
	if err != nil {
		return nil, err
	}
	lasts = cmp.Or(lasts, 5*time.Hour)
	return NotifierFunc(func(ctx context.Context, alerts []Alert) error {
		posted := make([]managerAlert, len(alerts))
		for i, a := range alerts {
			posted[i] = managerAlertOf(a, lasts)
		}
		body, err := json.Marshal(posted)
		if err != nil {
			return fmt.Errorf("%w: %w", err, quintet.ErrInput)
		}
		return p.post(ctx, body, nil)
	}), nil
}

type managerAlert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
}

func managerAlertOf(a Alert, lasts time.Duration) managerAlert {
	m := managerAlert{
		Labels:      map[string]string{},
		Annotations: map[string]string{"summary": a.Summary},
		StartsAt:    a.Starts, EndsAt: a.Ends,
	}
	for k, v := range a.Labels {
		m.Labels[labelName(k)] = v
	}
	m.Labels["alertname"], m.Labels["severity"] = a.Name, a.Severity.String()
	if !a.Resolved() {
		m.EndsAt = time.Now().Add(lasts)
	}
	return m
}

// labelName makes a name that Prometheus takes: letters, digits and underscores.
func labelName(s string) string {
	b := []byte(s)
	for i, c := range b {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			b[i] = '_'
		}
	}
	return cmp.Or(string(b), "_")
}
