// Package mmap gives the bytes of files as memory that the system reads when it is
// asked for, and may take away and read again.
//
//	pages, err := mmap.Open("model.onnx")
//	use(pages.Bytes())
//	pages.Close() // nobody may use the bytes any more
//
// # Limits
//
// Pages cannot be written to: a write ends the process. So does a read of what is no
// longer there, if somebody makes the file shorter or the disk fails; a file that is
// removed or replaced by a rename stays as it was. Where there is no mmap, as on
// Windows, errors wrap [errors.ErrUnsupported] and callers read the file instead.
package mmap
