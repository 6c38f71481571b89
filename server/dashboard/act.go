package dashboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/server/auth"
)

// header is what a request that changes something must have. A form cannot send it,
// and a script of another origin must ask first, which nobody answers.
const header = "X-Quintet-Dashboard"

// action is the body of such a request.
type action struct {
	ID      string `json:"id"`                // of an alert or a silence
	Minutes int    `json:"minutes,omitempty"` // of a silence
	Comment string `json:"comment,omitempty"` // of a silence
}

// act lets requests of the page through to f, with the name of who sent it.
func (d *Dashboard) act(f func(a action, by string) error) http.HandlerFunc {
	var cross http.CrossOriginProtection
	return func(w http.ResponseWriter, r *http.Request) {
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err := cross.Check(r); err != nil || r.Header.Get(header) != "1" || kind != "application/json" {
			refuse(w, http.StatusForbidden, "forbidden", "this must come from the page")
			return
		}
		var a action
		body := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096))
		body.DisallowUnknownFields()
		if err := body.Decode(&a); err != nil {
			refuse(w, http.StatusBadRequest, "input", "the body is not what the page sends")
			return
		}
		switch err := f(a, who(r)); {
		case err == nil:
			w.WriteHeader(http.StatusNoContent)
		case errors.Is(err, quintet.ErrInput):
			refuse(w, http.StatusBadRequest, "input", err.Error())
		case errors.Is(err, quintet.ErrBusy):
			refuse(w, http.StatusTooManyRequests, "busy", err.Error())
		default:
			refuse(w, http.StatusInternalServerError, "internal", "something went wrong inside")
		}
	}
}

// who names the caller, if the server around knows.
func who(r *http.Request) string {
	if p, ok := auth.FromContext(r.Context()); ok && p.Subject != "" {
		return p.Subject
	}
	return "somebody"
}

// refuse answers with a problem as those of package server.
func refuse(w http.ResponseWriter, status int, code, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	problem := struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
		Code   string `json:"code"`
	}{"about:blank", http.StatusText(status), status, detail, code}
	_ = json.NewEncoder(w).Encode(problem)
}

func (d *Dashboard) acknowledge(a action, by string) error { return d.opt.Alerts.Acknowledge(a.ID, by) }

// maxSilence is the longest silence in minutes: a month.
const maxSilence = 31 * 24 * 60

// silence silences one alert: its name and all its labels must match.
func (d *Dashboard) silence(a action, by string) error {
	if a.Minutes < 1 || a.Minutes > maxSilence {
		return fmt.Errorf("a silence of %d minutes, want 1 to %d: %w", a.Minutes, maxSilence, quintet.ErrInput)
	}
	if len(a.Comment) > 500 {
		return fmt.Errorf("comment has %d bytes, limit 500: %w", len(a.Comment), quintet.ErrInput)
	}
	for _, active := range d.opt.Alerts.Active() {
		if active.ID != a.ID {
			continue
		}
		match := map[string]string{}
		maps.Copy(match, active.Labels)
		match["alert"] = active.Name
		_, err := d.opt.Alerts.Silence(monitor.Silence{
			Match: match, Until: time.Now().Add(time.Duration(a.Minutes) * time.Minute), By: by, Comment: a.Comment,
		})
		return err
	}
	return fmt.Errorf("no active alert %.50q: %w", a.ID, quintet.ErrInput)
}

func (d *Dashboard) unsilence(a action, _ string) error { return d.opt.Alerts.Unsilence(a.ID) }
