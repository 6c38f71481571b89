package monitor

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/quintet-ai/quintet"
)

// Silence keeps alerts from being told, such as during maintenance.
type Silence struct {
	ID      string            `json:"id"`                // given by [Alerts.Silence]
	Match   map[string]string `json:"match"`             // labels that an alert must have; "alert" is its name
	Until   time.Time         `json:"until"`             // when it ends
	By      string            `json:"by"`                // who is responsible
	Comment string            `json:"comment,omitempty"` // why
}

// Silence adds a silence and returns its ID. One that matches nothing in particular,
// has no By or has ended is [quintet.ErrInput].
func (a *Alerts) Silence(s Silence) (id string, err error) {
	if len(s.Match) == 0 || s.By == "" || !s.Until.After(time.Now()) {
		return "", fmt.Errorf("a silence needs labels, a name and an end in the future: %w", quintet.ErrInput)
	}
	s.ID, s.Match = rand.Text(), maps.Clone(s.Match)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.silences) >= a.opt.MaxActive {
		return "", fmt.Errorf("%d silences: %w", len(a.silences), quintet.ErrBusy)
	}
	a.silences[s.ID] = s
	return s.ID, nil
}

// Unsilence ends a silence. An ID that is not known is [quintet.ErrInput].
func (a *Alerts) Unsilence(id string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.silences[id]; !ok {
		return fmt.Errorf("no silence %q: %w", id, quintet.ErrInput)
	}
	delete(a.silences, id)
	return nil
}

// Silences returns the silences that have not ended, the one that ends first first.
func (a *Alerts) Silences() []Silence {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []Silence
	for _, s := range a.silences {
		if now.Before(s.Until) {
			s.Match = maps.Clone(s.Match)
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(x, y Silence) int { return cmp.Or(x.Until.Compare(y.Until), cmp.Compare(x.ID, y.ID)) })
	return out
}

// silencedBy returns who silenced an alert, "" if nobody did. The caller holds mu.
func (a *Alerts) silencedBy(alert Alert, now time.Time) string {
	for _, s := range a.silences {
		if now.Before(s.Until) && matches(s.Match, alert) {
			return s.By
		}
	}
	return ""
}
