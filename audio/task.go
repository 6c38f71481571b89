package audio

import "github.com/quintet-ai/quintet/internal/taskset"

// Task is a set of what a [Pipeline] computes. Tasks combine with |.
type Task uint

// The tasks.
const (
	TaskProperties  Task = 1 << iota // Result.Properties
	TaskMel                          // Result.Mel
	TaskSpeech                       // Result.Speech
	TaskLoudness                     // Result.Loudness
	TaskTempo                        // Result.Tempo
	TaskKey                          // Result.Key
	TaskSilence                      // Result.Silence
	TaskFaults                       // Result.Faults
	TaskPitch                        // Result.Pitch
	TaskChords                       // Result.Chords
	TaskFingerprint                  // Result.Fingerprint

	allTasks     = TaskFingerprint<<1 - 1
	defaultTasks = allTasks &^ (TaskPitch | TaskChords | TaskFingerprint)

	// heardTasks are those that look at the mix at analysisRate.
	heardTasks = TaskTempo | TaskKey | TaskPitch | TaskChords
)

var taskNames = taskset.Names[Task]{ // by bit
	"properties", "mel", "speech", "loudness", "tempo", "key", "silence", "faults", "pitch", "chords", "fingerprint",
}

// ParseTasks returns the set of the named tasks. The names are those of [Task.String],
// "default", which are those of the zero [Options], and "all"; case and order do not
// matter. No name gives the zero Task. An unknown name gives an error wrapping
// [quintet.ErrOption].
func ParseTasks(names []string) (Task, error) {
	return taskNames.Parse("audio", names, allTasks, defaultTasks)
}

// String returns the names of the tasks with commas between, "default" for the
// zero Task.
func (t Task) String() string { return taskNames.String(t) }
