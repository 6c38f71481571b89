// Package audit keeps who did what in a file that shows whether it was changed later.
//
//	log, err := audit.Open("/var/lib/quintet/audit", audit.Options{Key: key})
//	s, err := server.New(pipelines, server.Options{Audit: log})
//	report, err := audit.Verify("/var/lib/quintet/audit", audit.VerifyOptions{Key: key})
//
// A log is a folder of files with one record of JSON in a line:
//
//	{"seq":7,"prev":"…","event":{…},"hash":"…"}
//
// The hash is the HMAC-SHA256 of the line without it, and prev is the hash of the
// record before, in the file before for the first of a file. Whoever flips a bit,
// takes out, adds or moves records is found by [Verify], which names the file, the line
// and the reason.
//
// # What the chain cannot show
//
// A log whose last records were cut off is a shorter log, and nothing in it says
// otherwise. Keep [Log.Head] elsewhere from time to time, such as in another system's
// log, and give it to Verify. Without a key the hash is SHA-256, and whoever can write
// the files can make a new chain: that finds accidents, not attackers. Whoever has the
// key can do so too: keep it where the files are not.
//
// # People's data
//
// Records cannot be taken out without breaking the chain. With Options.SubjectKey the
// files have no names: a subject is its keyed hash ([Pseudonym]), of an address the
// network is kept. [Export] finds the records of a subject by the same key. Throwing
// that key away leaves nobody who can tell whose records they are, for all subjects at
// once; for one alone that is not possible. To limit how much one key covers, begin a
// new folder with a new key for each period of retention, and remove whole folders.
// Paths are kept as they were sent: do not put names of people into them.
//
// # Limits
//
// Audit does not wait for the disk, so a crash loses what is pending, at most
// Options.Pending records and in practice those of some milliseconds. Half a record
// that a crash leaves at the end is cut off when the log is opened, and the next record
// says so. One process writes a log.
package audit
