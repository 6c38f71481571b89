package vector

// SyncPolicy says when a change is durable: when it survives a loss of power. A
// process that dies loses no change that was made, whatever the policy.
type SyncPolicy int

// The policies.
const (
	// SyncAlways makes Upsert and Delete return when their change is durable.
	// Calls that wait at the same time share the wait.
	SyncAlways SyncPolicy = iota

	// SyncEvery makes changes durable some time later: a loss of power costs
	// those of the last SyncInterval.
	SyncEvery

	// SyncNever leaves that to the operating system until a snapshot or Close,
	// often for half a minute.
	SyncNever
)

// String returns the name in lower case.
func (p SyncPolicy) String() string {
	return nameOf(p, "sync", []string{"always", "every", "never"})
}
