package dashboard

import (
	"context"
	"time"
)

// Sample takes a sample as if it were at that time.
func (d *Dashboard) Sample(at time.Time) { d.sample(context.Background(), at) }

// Forget drops all samples.
func (d *Dashboard) Forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.samples, d.last, d.minute = nil, nil, nil
}

// Samples returns how many samples and snapshots are kept.
func (d *Dashboard) Samples() (samples, snapshots int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.samples), len(d.minute)
}
