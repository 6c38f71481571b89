package vision

import "github.com/quintet-ai/quintet/internal/taskset"

// Task names a part of the analysis; several are joined with |.
type Task uint

// The tasks of a [Pipeline].
const (
	TaskProperties Task = 1 << iota // size, format, light, sharpness, quality: Result.Properties
	TaskHashes                      // perceptual hashes: Result.Hashes
	TaskColors                      // dominant colours: Result.Colors
	TaskFaces                       // faces, with the model of NewFaceDetector: Result.Faces
	TaskObjects                     // objects: Result.Objects; needs Options.Objects
	TaskLabels                      // classes of the picture: Result.Labels; needs Options.Labels
	TaskText                        // text: Result.Text; needs Options.Text
	TaskEmbedding                   // a vector: Result.Embedding; needs Options.Embedder

	plainTasks = TaskProperties | TaskHashes | TaskColors
	allTasks   = plainTasks | TaskFaces // that need no option
	knownTasks = TaskEmbedding<<1 - 1
)

var taskNames = taskset.Names[Task]{ // by bit
	"properties", "hashes", "colors", "faces", "objects", "labels", "text", "embedding",
}

// ParseTasks returns the set of the named tasks. The names are those of [Task.String]
// and "all", which are those that need no option; case and order do not matter. No name
// gives the zero Task. An unknown name gives an error wrapping [quintet.ErrOption].
func ParseTasks(names []string) (Task, error) {
	return taskNames.Parse("vision", names, allTasks, plainTasks)
}

// String returns the names of the tasks with commas between, "default" for the zero
// Task.
func (t Task) String() string { return taskNames.String(t) }
