package asynqjobs

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/quintet-ai/quintet/server/jobs"
)

// record is the hash of a job.
type record map[string]string

// shown are the fields that List reads: all but arguments and result.
var shown = []string{"spec", "state", "attempt", "created", "started", "finished", "expires", "ready", "error"}

// micros writes a time as scripts do.
func micros(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

// moment reads what micros wrote; what is no number is the zero time.
func moment(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMicro(n)
}

// expired reports whether a job is to be forgotten though it is still there.
func (r record) expired(now time.Time) bool {
	at := moment(r["expires"])
	return !at.IsZero() && !now.Before(at)
}

// info reads a record.
func (r record) info(id string, now time.Time) (i jobs.Info, err error) {
	if err := json.Unmarshal([]byte(r["spec"]), &i.Spec); err != nil {
		return i, fmt.Errorf("asynqjobs: record of job %s: %w", id, err)
	}
	i.ID, i.Error = id, r["error"]
	i.Attempt, _ = strconv.Atoi(r["attempt"])
	i.Created, i.Started, i.Finished = moment(r["created"]), moment(r["started"]), moment(r["finished"])
	if s := r["args"]; s != "" {
		i.Args = json.RawMessage(s)
	}
	if s := r["result"]; s != "" {
		i.Result = json.RawMessage(s)
	}
	i.State = jobs.State(r["state"])
	if i.State == "waiting" {
		i.State = jobs.Queued
		if ready := moment(r["ready"]); ready.After(now) {
			i.State, i.RunAt = jobs.Scheduled, ready
		}
	}
	return i, nil
}

// recordOf reads the list of fields and values that HGETALL returns in a script.
func recordOf(list []any) record {
	r := make(record, len(list)/2)
	for i := 0; i+1 < len(list); i += 2 {
		r[word(list, i)] = word(list, i+1)
	}
	return r
}
